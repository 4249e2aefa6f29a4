"""Which verdict a claim would get if one choice of its protocol were made differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.evidence import Sensitivity, Switch
from data_manifests.schemas.suite import Suite
from reports.judging.context import Context
from reports.judging.evidence import Measurement, trained_networks
from reports.judging.verdicts import Judgement, judge
from segrepro.errors import SegReproError


@dataclass(frozen=True)
class Switched:
    """One line of the table."""

    switch: Switch | None
    """None for the authors' protocol itself."""
    miou: float
    """Percent."""
    reference: Switch | None
    """The line that this one differs from in a single choice; None for the authors' protocol."""
    difference: float
    """To that line, percentage points."""
    judgement: Judgement


def switched(
    path: Path, record: Sensitivity, claims: Mapping[str, Claim], suite: Suite, context: Context
) -> list[Switched]:
    """Judges a claim by the mIoU under its protocol and under each changed protocol.

    Args:
        path: of the evidence file.
        record: its content.
        claims: by id.
        suite: tolerances.
        context: the page.

    Returns:
        The authors' protocol first, then one line for each switch, in the order of the record. The first switch that
        predicts at several scales differs from the authors' protocol, the other such switches differ from that one.

    Raises:
        SegReproError: the claim is not among the claims.
    """
    if record.claim not in claims:
        raise SegReproError(
            f"{path}: claim: found {record.claim!r}; expected the id of a claim. Measure again: sensitivity.py"
        )
    claim = claims[record.claim]

    at_several_scales = next((switch for switch in record.switches if switch.kind == "inference"), None)

    def line(switch: Switch | None, value: float) -> Switched:
        number = Measurement(
            claim.metric, value, None, "percent", record.protocol, record.split, record.run.model, record.run, path,
            weights=record.run.route, trained=trained_networks(record.run),
        )  # fmt: skip
        judgement = judge(claim, [number], suite.tolerances, context)
        reference = at_several_scales if switch and switch.kind == "inference" and switch != at_several_scales else None
        return Switched(switch, value, reference, value - (reference or record).miou, judgement)

    return [line(None, record.miou), *(line(switch, switch.miou) for switch in record.switches)]

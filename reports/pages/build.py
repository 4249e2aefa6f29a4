"""What a page was built from: the commit of the code, and the newest of its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data_manifests.schemas.evidence import ServerAnswer
from reports.judging.evidence import Evidence


@dataclass(frozen=True)
class Build:
    """What a page was built from."""

    commit: str | None = None
    """Of the code; None outside a git checkout."""
    dirty: bool | None = None
    """Whether the code was changed since; None outside a git checkout."""


def newest(evidence: Sequence[Evidence]) -> date | None:
    """The day of the last measurement or answer."""
    days = [
        item.record.submitted if isinstance(item.record, ServerAnswer) else item.record.provenance.started.date()
        for item in evidence
    ]
    return max(days, default=None)

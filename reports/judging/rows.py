"""Claims joined with measurements: the rows of a page and of its JSON file."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from data_manifests import loader
from data_manifests.schemas.base import Identifier, Record
from data_manifests.schemas.claim import Bound, Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import RunRoute
from data_manifests.schemas.suite import Suite

from .evidence import Measurement
from .recipes import own_choices
from .verdicts import Context, Verdict, answers, convertible, in_unit, judge

# What papers write where a number belongs to no dataset.
NO_DATASET = {"n/a", "not stated"}


class Row(Record):
    """One claim with one measurement, or one of the two alone."""

    claim: str | None
    paper: str | None
    model: str
    variant: str | None
    dataset: str
    split: str | None
    metric: str
    reported: float | None
    bound: Bound | None
    measured: float | None
    difference: float | None = Field(
        description="signed distance from what the claim allows, in `unit`; null where it is not judged"
    )
    interval: tuple[float, float] | None
    unit: str
    protocol: str | None
    route: RunRoute | None
    seed: int | None
    verdict: Verdict | None
    own_choices: tuple[str, ...] = Field(
        default=(), description="what decided the measured number and is the suite's own, of weights trained here"
    )
    reason: str
    evidence: str | None


class Table(Record):
    """`reports/<report>.json`."""

    report: Identifier
    title: str
    standard_protocol: Identifier
    rows: tuple[Row, ...]


def context_of(dataset: Dataset, suite: Suite, report: str) -> Context:
    """What the verdicts of a report depend on besides the numbers."""
    runs = suite.reports[report].runs
    return Context(
        dataset=dataset,
        stages=suite.stages,
        page_models=frozenset(run.model for run in runs),
        suite_models=frozenset(run.model for page in suite.reports.values() for run in page.runs),
        paper_scale_models=frozenset(run.model for run in runs if run.paper_scale)
        - frozenset(run.model for run in runs if not run.paper_scale and run.route != "untrained"),
        comparisons=suite.reports[report].comparisons,
        suite_comparisons=tuple(c for page in suite.reports.values() for c in page.comparisons),
        protocols=loader.protocols(),
        recipes=loader.recipes(),
        placed_weights={
            file.model: f"{file.by_hand} Put it at weights/{collection.id}/{file.file}."
            for collection in loader.checkpoint_collections().values()
            for file in collection.placed
            if file.dataset == dataset.id
        },
    )


def concerns(claim: Claim, context: Context) -> bool:
    """Whether a claim belongs on a page.

    It does if a comparison of the page answers it, or if it is about the page's dataset, under the suite's name or a
    paper's name for it. A claim that names no dataset belongs on the pages that have its model, unless a comparison of
    another page answers it. The page of a dataset that no paper uses has only claims that use the suite's name.
    """
    if any(answers(comparison, claim) for comparison in context.comparisons):
        return True
    if claim.dataset in NO_DATASET and context.dataset.claim_names:
        answered = any(answers(comparison, claim) for comparison in context.suite_comparisons)
        return claim.variant in context.page_models and not answered
    return claim.dataset in (context.dataset.id, *context.dataset.claim_names)


def join(claims: Iterable[Claim], measurements: Sequence[Measurement], suite: Suite, context: Context) -> list[Row]:
    """Puts claims and measurements side by side.

    Args:
        claims: of all papers; those that do not concern the page are left out.
        measurements: of the page's runs.
        suite: tolerances and standard protocol.
        context: the page.

    Returns:
        One row for each claim and measurement that fits it, one for each claim without a measurement, then one for
        each measurement that no claim is judged by.
    """
    rows: list[Row] = []
    judging: set[Measurement] = set()
    for claim in claims:
        if not concerns(claim, context):
            continue
        fitting = _at_claimed_size(
            [m for m in measurements if _fits(m, claim, suite.standard_protocol, context)], claim
        )
        for measured in fitting:
            rows.append(_claim_row(claim, measured, suite, context))
            if rows[-1].verdict in ("reproduced", "close", "differs"):
                judging.add(measured)
        if not fitting:
            rows.append(_claim_row(claim, None, suite, context))
    return rows + [_bare_row(measured, context) for measured in measurements if measured not in judging]


def _fits(measured: Measurement, claim: Claim, standard_protocol: str, context: Context) -> bool:
    """Whether a measurement and a claim are about the same thing.

    Where the paper names no split of the dataset, every split fits. Claims are about trained networks, but the cost of
    a network does not depend on its training. Scores of a test server without a protocol were predicted in one pass
    whose logits were resized to the image.
    """
    if measured.run is None:
        return claim.own and any(
            comparison.id == measured.comparison and answers(comparison, claim) for comparison in context.comparisons
        )
    protocol = context.protocols.get(claim.scoring or "")
    predicted_otherwise = protocol is not None and protocol.inference is not None
    return (
        claim.own
        and measured.run.model == claim.variant
        and (measured.run.route != "untrained" or measured.protocol is None)
        and measured.metric == claim.metric
        and measured.protocol in (None, claim.scoring or standard_protocol)
        and not (measured.run.route == "test_server" and measured.protocol is None and predicted_otherwise)
        and (measured.split in (None, claim.suite_split) or claim.suite_split not in context.dataset.splits)
    )


def _at_claimed_size(fitting: Sequence[Measurement], claim: Claim) -> list[Measurement]:
    """Of several input sizes that one file has timings for, picks the claim's size, or the first if there is none."""
    chosen: dict[Path, Measurement] = {}
    for measured in fitting:
        claimed = claim.image_size and measured.size and sorted(claim.image_size) == sorted(measured.size)
        if claimed or measured.evidence not in chosen:
            chosen[measured.evidence] = measured
    return list(chosen.values())


def _claim_row(claim: Claim, measured: Measurement | None, suite: Suite, context: Context) -> Row:
    tolerance = suite.tolerances.get(claim.metric.split(".")[0].partition("_vs:")[0])
    judged = judge(claim, measured, tolerance, context)
    return Row(
        claim=claim.id,
        paper=claim.paper,
        model=claim.model,
        variant=claim.variant,
        dataset=claim.dataset,
        split=claim.split,
        metric=claim.metric,
        reported=claim.value,
        bound=claim.bound,
        unit=claim.unit,
        difference=judged.difference,
        verdict=judged.verdict,
        own_choices=own_choices(measured.trained, context.recipes) if measured else (),
        reason=judged.reason,
        **(_nothing_measured(claim) if measured is None else _what_was_measured(measured, claim.unit)),
    )


def _bare_row(measured: Measurement, context: Context) -> Row:
    return Row(
        claim=None,
        paper=None,
        model=measured.model,
        variant=measured.model,
        dataset=context.dataset.id,
        split=measured.split,
        metric=measured.metric,
        reported=None,
        bound=None,
        unit=measured.unit,
        difference=None,
        verdict=None,
        own_choices=own_choices(measured.trained, context.recipes),
        reason="No claim is judged by this number." + (f" {measured.conditions}." if measured.conditions else ""),
        **_what_was_measured(measured, measured.unit),
    )


def _nothing_measured(claim: Claim) -> dict[str, Any]:
    return {
        "measured": None,
        "interval": None,
        "protocol": claim.scoring,
        "route": None,
        "seed": None,
        "evidence": None,
    }


def _what_was_measured(measured: Measurement, unit: str) -> dict[str, Any]:
    shown = (measured.value, *(measured.interval or ())) if convertible(measured.unit, unit) else (None,)
    value, *interval = (None if v is None else float(in_unit(v, measured.unit, unit)) for v in shown)
    return {
        "measured": value,
        "interval": tuple(sorted(interval)) or None,
        "protocol": measured.protocol,
        "route": measured.run and measured.run.route,
        "seed": measured.run and measured.run.seed,
        "evidence": measured.evidence.as_posix(),
    }

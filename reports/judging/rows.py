"""Claims joined with measurements: the rows of a page and of its JSON file, and the numbers that no claim is about."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from data_manifests.schemas.base import Record
from data_manifests.schemas.claim import Bound, Claim, Source
from data_manifests.schemas.evidence import RunRoute
from data_manifests.schemas.suite import Suite

from .agreement import pooled
from .arithmetic import Result
from .context import Context, answers, concerns, networks
from .evidence import Measurement
from .findings import ShownFinding
from .obstacles import missing_for
from .outcome import Condition, How, Missing, Outcome
from .unjudged import Unjudged, unjudged
from .verdicts import Judgement, Spreads, awaiting_counts, by_arithmetic, judge


class Row(Record):
    """One claim, with one measurement or none."""

    claim: str
    paper: str
    model: str
    variant: str | None
    dataset: str
    split: str | None
    metric: str
    reported: float
    bound: Bound | None
    measured: float | None
    difference: float | None = Field(
        description="signed distance from what the claim allows, in `unit`; null where it is not judged"
    )
    interval: tuple[float, float] | None
    unit: str
    protocol: str | None
    route: RunRoute | None
    seeds: tuple[int, ...] = Field(description="of the runs that the measured number comes from")
    own: bool = Field(description="a claim of a paper about its own model; false for quoted ones")
    how: How | None = Field(description="how the claim was checked; null where it was not")
    outcome: Outcome | None = Field(description="null for quoted claims")
    conditions: tuple[Condition, ...] = Field(
        default=(), description="readings that were made, and departures from the paper's protocol or recipe"
    )
    missing: tuple[Missing, ...] = Field(
        default=(), description="all that stands between the claim and a measurement, in the order of getting it"
    )
    tolerance: float | None = Field(
        default=None, description="how far from what prints as the claim still agrees, in `unit`; null where not judged"
    )
    findings: tuple[str, ...] = Field(default=(), description="ids of findings about the claim")
    source: Source = Field(description="where the claim is printed")
    reason: str = Field(description="two sentences at most")
    evidence: tuple[str, ...] = Field(description="the files that the measured number comes from; several for seeds")


class Joined(NamedTuple):
    """What a page shows of claims and measurements."""

    rows: list[Row]
    """One for each claim and run that fits it (all seeds of a training together), one for each claim that follows from
    other numbers, one for each claim with neither."""
    unjudged: list[Unjudged]
    """The numbers that no claim is judged by."""


NOTHING_WORKED_OUT: Mapping[str, Result] = {}
NO_FINDINGS: Mapping[str, tuple[ShownFinding, ...]] = {}


def join(
    claims: Iterable[Claim],
    measurements: Sequence[Measurement],
    suite: Suite,
    context: Context,
    worked: Mapping[str, Result] = NOTHING_WORKED_OUT,
    findings: Mapping[str, tuple[ShownFinding, ...]] = NO_FINDINGS,
) -> Joined:
    """Puts claims and measurements side by side.

    Args:
        claims: of all papers; those that do not concern the page are left out.
        measurements: of the page's runs.
        suite: tolerances and standard protocol.
        context: the page.
        worked: what follows from other numbers, by the claim that it decides.
        findings: by claim.
    """
    rows: list[Row] = []
    judging: set[int] = set()
    spreads = _spreads(measurements)
    # Looking at every number for every claim would take minutes among ten thousand files.
    side_by_side = [m for m in measurements if m.run is None]
    numbers: dict[tuple[str, str], list[int]] = {}
    for i, m in enumerate(measurements):
        if m.run is not None:
            numbers.setdefault((m.metric, m.model), []).append(i)
    for claim in claims:
        if not concerns(claim, context):
            continue
        near = [i for model in networks(claim, context) for i in numbers.get((claim.metric, model), ())]
        fitting = [
            m
            for m in [*(measurements[i] for i in sorted(near)), *side_by_side]
            if _fits(m, claim, suite.standard_protocol, context)
        ]
        runs = _by_run(_at_claimed_size(fitting, claim))
        of_claim = [claim_row(claim, run, suite, context, spreads) for run in runs]
        for row, run in zip(of_claim, runs, strict=True):
            if row.difference is not None:
                judging.update(map(id, run))
        rows += _with_arithmetic(claim, of_claim, suite, context, worked, findings)
    return Joined(rows, unjudged((m for m in measurements if id(m) not in judging), context))


def without_a_page(
    claims: Iterable[Claim],
    pages: Sequence[Context],
    suite: Suite,
    elsewhere: Sequence[Context],
    worked: Mapping[str, Result] = NOTHING_WORKED_OUT,
    findings: Mapping[str, tuple[ShownFinding, ...]] = NO_FINDINGS,
) -> list[Row]:
    """The rows of the papers' own claims that belong on no page, so that none is lost.

    Args:
        claims: of all papers.
        pages: of all reports.
        suite: tolerances.
        elsewhere: of the datasets without a report, and last the one of no dataset, which takes what no other does.
        worked: what follows from other numbers, by the claim that it decides.
        findings: by claim.
    """
    return [
        row
        for claim in claims
        if claim.own and not any(concerns(claim, page) for page in pages)
        for context in [next((c for c in elsewhere if concerns(claim, c)), elsewhere[-1])]
        for row in _with_arithmetic(claim, [], suite, context, worked, findings)
    ]


def _with_arithmetic(
    claim: Claim,
    measured: list[Row],
    suite: Suite,
    context: Context,
    worked: Mapping[str, Result],
    findings: Mapping[str, tuple[ShownFinding, ...]],
) -> list[Row]:
    """A claim's rows: those of its measurements, then that of arithmetic; where there is neither, what is missing."""
    rows = list(measured)
    result = worked.get(claim.id)
    if claim.own and result is not None and result.outcome is not None:
        judged = by_arithmetic(claim, result)
        # Papers can agree with themselves about a number that nobody measured again: what that takes is said too.
        rows.append(_row(claim, [], judged if measured else judged._replace(missing=missing_for(claim, context))))
    if not rows and claim.own and result is not None:
        rows.append(_row(claim, [], awaiting_counts(result)))
    if not rows:
        rows.append(claim_row(claim, [], suite, context, {}))
    named = tuple(finding.id for finding in findings.get(claim.id, ()))
    return [row.model_copy(update={"findings": named}) for row in rows] if named else rows


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
    splits = context.dataset.splits if context.dataset else {}
    return (
        claim.own
        and _of_its_network(measured, claim, context)
        and (measured.run.route != "untrained" or measured.protocol is None)
        and measured.metric == claim.metric
        and measured.protocol in (None, claim.scoring or standard_protocol)
        and not (measured.run.route == "test_server" and measured.protocol is None and predicted_otherwise)
        and (measured.split in (None, claim.suite_split, claim.other_split) or claim.suite_split not in splits)
    )


def _of_its_network(measured: Measurement, claim: Claim, context: Context) -> bool:
    """Whether a claim may be about a network: its own, or one whose published weights may be its own."""
    if measured.model not in networks(claim, context):
        return False
    return measured.model in (claim.variant, *claim.candidates) or measured.weights == "official"


def _at_claimed_size(fitting: Sequence[Measurement], claim: Claim) -> list[Measurement]:
    """Of several input sizes that one file has timings for, picks the claim's size, or the first if there is none."""
    chosen: dict[Path, Measurement] = {}
    for measured in fitting:
        claimed = claim.image_size and measured.size and sorted(claim.image_size) == sorted(measured.size)
        if claimed or measured.evidence not in chosen:
            chosen[measured.evidence] = measured
    return list(chosen.values())


def _by_run(measurements: Iterable[Measurement]) -> list[list[Measurement]]:
    """The seeds of one training together; everything else alone."""
    groups: dict[object, list[Measurement]] = {}
    for m in measurements:
        alone = m.run is None or m.run.route != "retrained" or m.protocol is None
        key = m.evidence if alone or m.run is None else (m.run.model, m.protocol, m.split)
        groups.setdefault(key, []).append(m)
    return list(groups.values())


def _spreads(measurements: Iterable[Measurement]) -> Spreads:
    """From seed to seed, by metric and protocol, pooled over the trainings among the measurements."""
    scores: dict[tuple[str, str | None], dict[object, list[float]]] = {}
    for m in measurements:
        if m.run is not None and m.run.route == "retrained" and m.protocol is not None and m.value is not None:
            scores.setdefault((m.metric, m.protocol), {}).setdefault((m.model, m.split), []).append(m.value)
    found = {key: pooled(runs.values()) for key, runs in scores.items()}
    return {key: spread for key, spread in found.items() if spread is not None}


def claim_row(claim: Claim, measured: Sequence[Measurement], suite: Suite, context: Context, spreads: Spreads) -> Row:
    """One claim beside the seeds of one run, or beside nothing."""
    judged = judge(claim, measured, suite.tolerances, context, spreads) if claim.own else _quoted(claim)
    return _row(claim, measured, judged)


def _row(claim: Claim, measured: Sequence[Measurement], judged: Judgement) -> Row:
    first = measured[0] if measured else None
    runs = [m.run for m in measured if m.run is not None]
    return Row(
        claim=claim.id,
        paper=claim.paper,
        model=claim.model,
        variant=first.model if first else claim.variant,
        dataset=claim.dataset,
        split=claim.split,
        metric=claim.metric,
        reported=claim.value,
        bound=claim.bound,
        unit=claim.unit,
        own=claim.own,
        measured=judged.measured,
        difference=judged.difference,
        interval=judged.interval,
        how=judged.how,
        outcome=judged.outcome if claim.own else None,
        conditions=judged.conditions,
        missing=judged.missing,
        tolerance=judged.tolerance,
        source=claim.source,
        reason=judged.reason,
        protocol=first.protocol if first else claim.scoring,
        route=runs[0].route if runs else None,
        seeds=tuple(run.seed for run in runs),
        evidence=tuple(m.evidence.as_posix() for m in measured),
    )


def _quoted(claim: Claim) -> Judgement:
    citing = f", which cites {claim.citation}" if claim.citation else ""
    return Judgement("not run", f"A number for another method, quoted by the paper{citing}.")

"""The verdicts on all own claims of all papers, whatever page they stand on, each claim once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.suite import Suite

from .arithmetic import Result
from .context import Context
from .findings import ShownFinding
from .outcome import JUDGED, Outcome
from .rows import Row, join, without_a_page

LEAST_FAVOURABLE_FIRST: tuple[Outcome, ...] = (
    "not reproduced", "consistent", "reproduced", "undecided", "not comparable", "not run",
)  # fmt: skip


class Placed(NamedTuple):
    """A row, and the page that has it."""

    row: Row
    page: str | None
    """None: the claim belongs on no page of a dataset."""


def own_rows(
    claims: Sequence[Claim],
    built: Mapping[str, Sequence[Row]],
    suite: Suite,
    pages: Mapping[str, Context],
    elsewhere: Sequence[Context],
    worked: Mapping[str, Result],
    findings: Mapping[str, tuple[ShownFinding, ...]],
) -> dict[str, list[Placed]]:
    """The rows of each own claim, by its id; every claim has one at least.

    A claim that several pages have keeps the rows in which something stands beside it, none twice; without one it keeps
    that of the first page.

    Args:
        claims: of all papers.
        built: rows of the pages that are built; the claims of the others were not measured.
        suite: tolerances and standard protocol.
        pages: of all reports, built or not.
        elsewhere: of the datasets without a report, and last the one of no dataset.
        worked: what follows from other numbers, by the claim that it decides.
        findings: by claim.
    """
    own = [claim for claim in claims if claim.own]
    found: dict[str, list[Placed]] = {claim.id: [] for claim in own}
    for name, page in pages.items():
        rows = built[name] if name in built else join(own, [], suite, page, worked, findings).rows
        for row in rows:
            if row.own and row.claim in found:
                found[row.claim].append(Placed(row, name))
    for row in without_a_page(own, list(pages.values()), suite, elsewhere, worked, findings):
        found[row.claim].append(Placed(row, None))
    return {name: _told_once(rows) for name, rows in found.items()}


def _told_once(rows: Sequence[Placed]) -> list[Placed]:
    beside = [placed for placed in rows if placed.row.how is not None]
    distinct = {(p.row.how, p.row.outcome, p.row.measured, p.row.evidence): p for p in reversed(beside)}
    return list(distinct.values())[::-1] or list(rows[:1])


def verdict(rows: Iterable[Row]) -> Outcome:
    """By which outcome a claim is counted that has several rows.

    A measurement goes before arithmetic and what is decided before what is not; of several, the least favourable
    counts.
    """
    outcomes = [(row.how == "arithmetic", row.outcome) for row in rows if row.outcome is not None]
    measured = [outcome for arithmetic, outcome in outcomes if not arithmetic and outcome in JUDGED]
    return min(measured or [outcome for _, outcome in outcomes], key=LEAST_FAVOURABLE_FIRST.index)


def outcomes(claims: Iterable[Claim], rows: Mapping[str, Sequence[Placed]]) -> dict[Outcome, int]:
    """How many own claims have each outcome; one that is said in several places counts once.

    Args:
        claims: those to count; of other methods none is counted.
        rows: as `own_rows` gives them.
    """
    said: dict[str, list[Row]] = {}
    for claim in claims:
        if claim.own:
            said.setdefault(claim.repeats or claim.id, []).extend(placed.row for placed in rows[claim.id])
    counted = Counter(verdict(of_claim) for of_claim in said.values())
    order: tuple[Outcome, ...] = (*JUDGED, "not comparable", "not run")
    return {outcome: counted[outcome] for outcome in order if counted[outcome]}

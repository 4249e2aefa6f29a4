"""All claims of a page, one line each, with everything that a line opens to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from reports.judging.findings import Notes, ShownFinding, notes
from reports.judging.outcome import JUDGED, Outcome
from reports.judging.printed import num_decimals, reported, with_unit
from reports.judging.rows import Row

from . import wording
from .board import Choice, Line, choice, outcome_words, slug
from .data import EvidenceFile
from .leaderboard import decimals_for, short_name
from .sources import Place, place_of

FARTHEST = 1.7
"""Where a dot is drawn that lies farther away, in tolerances."""
MANY = 3
"""Lines from which on something missing is said once below the table, and named in the lines."""
ORDER: tuple[Outcome, ...] = (*JUDGED, "not comparable", "not run")


@dataclass(frozen=True)
class Proof:
    """One file of evidence behind a line."""

    file: EvidenceFile
    href: str
    """Of its full provenance, on this page or another."""

    @property
    def about(self) -> str:
        """Commit, machine and day."""
        file = self.file
        if file.kind == "test_server":
            return f"answer of {file.by}, submitted {file.day.isoformat()}"
        commit = f"commit {file.commit[:7]}{' with changes' if file.dirty else ''}" if file.commit else None
        return f"{commit or 'outside a checkout'}, {file.by}, {file.day.isoformat()}"


@dataclass(frozen=True)
class ClaimLine:
    """One claim, with one measurement or none."""

    anchor: str
    claim: Claim
    row: Row
    group: str
    """The paper's short name on the page of a dataset; the dataset on the page of a paper."""
    network: str
    """As the paper prints it."""
    metric: str
    reported: str
    measured: str
    """Empty where nothing was measured."""
    interval: str
    offset: float | None
    """The difference in tolerances, at most `FARTHEST` to either side; None where it is not judged."""
    how: str
    source: Place
    protocol: Protocol | None
    """That the measurement was scored by, or a measurement would be."""
    proofs: tuple[Proof, ...]
    caveats: Sequence[str]
    """Of the runs that were scored."""
    held: Mapping[str, str]
    findings: tuple[ShownFinding, ...]
    notes: Notes

    @property
    def rank(self) -> int:
        """By which outcomes are sorted."""
        return ORDER.index(self.row.outcome) if self.row.outcome else len(ORDER)

    @property
    def order(self) -> float:
        """By which the reported numbers are sorted."""
        return self.claim.value


@dataclass(frozen=True)
class ClaimsTable:
    """The table and its form."""

    lines: Sequence[ClaimLine]
    group: str
    """What the lines are of: `Paper` or `Dataset`."""
    choices: Sequence[Choice]
    counts: Mapping[Outcome, int]
    """Lines of the papers' own claims."""
    quoted: int
    claims: int
    """The papers' own claims; of several lines of one claim, it counts once."""
    judged: int
    """How many of them have one of the judged outcomes."""
    obstacles: Mapping[str, str]
    """What is missing for many of the lines, and where the page says it once: the anchor, by the text."""


def claims_table(
    papers: Mapping[str, Paper],
    protocols: Mapping[str, Protocol],
    claims: Mapping[str, Claim],
    findings: Mapping[str, ShownFinding],
    rows: Sequence[Row],
    proofs: Mapping[str, Proof],
    datasets: Mapping[str, str] | None = None,
) -> ClaimsTable:
    """Arranges the rows of a page.

    Args:
        papers: by id.
        protocols: by id.
        claims: by id.
        findings: by id.
        rows: of the page.
        proofs: by path of the file.
        datasets: the name of each claim's dataset, by the claim's id, for the page of a paper.

    Returns:
        Judged claims first, then the others, quoted ones last; within these by paper, as the manifests have them.
    """
    ordered = sorted(rows, key=lambda row: ORDER.index(row.outcome) if row.outcome else len(ORDER))
    seen: Counter[str] = Counter()
    lines = []
    for row in ordered:
        claim = claims[row.claim]
        seen[claim.id] += 1
        anchor = f"claim-{claim.id}" if seen[claim.id] == 1 else f"claim-{claim.id}-{seen[claim.id]}"
        line = ClaimLine(
            anchor=anchor,
            claim=claim,
            row=row,
            group=datasets[claim.id] if datasets else short_name(papers[claim.paper]),
            network=claim.model,
            metric=wording.metric(claim.metric),
            reported=with_unit(reported(claim), claim.unit),
            measured=_measured(claim, row),
            interval=_interval(claim, row),
            offset=_offset(row),
            how=row.how or ("" if row.own else "quoted"),
            source=place_of(claim, papers[claim.paper]),
            protocol=protocols.get(row.protocol or claim.scoring or ""),
            proofs=tuple(proofs[path] for path in row.evidence),
            caveats=list(dict.fromkeys(caveat for path in row.evidence for caveat in proofs[path].file.caveats)),
            held=_held(claim, row, datasets),
            findings=tuple(findings[name] for name in row.findings),
            notes=notes(claim, claims),
        )
        lines.append(line)
    own = [line for line in lines if line.row.own]
    counts = Counter(line.row.outcome for line in own)
    return ClaimsTable(
        lines,
        "Dataset" if datasets else "Paper",
        _choices(lines, papers),
        {outcome: counts[outcome] for outcome in ORDER if counts[outcome]},
        len(lines) - len(own),
        len({line.claim.id for line in own}),
        len({line.claim.id for line in own if line.row.outcome in JUDGED}),
        _obstacles(rows),
    )


def _obstacles(rows: Sequence[Row]) -> dict[str, str]:
    named = Counter(missing.text for row in rows for missing in row.missing)
    many = [text for text, number in named.items() if number >= MANY]
    return {text: f"missing-{i}" for i, text in enumerate(many, 1)}


def _held(claim: Claim, row: Row, datasets: Mapping[str, str] | None) -> dict[str, str]:
    outcome = slug(row.outcome) if row.outcome else "quoted"
    beside = " measured" if row.outcome in (*JUDGED, "not comparable") else ""
    return {
        "paper": claim.paper,
        "dataset": slug(datasets[claim.id]) if datasets else "",
        "outcome": f"{outcome}{beside}{' own' if row.own else ''}",
        "how": slug(row.how) if row.how else "none",
        "quantity": claim.metric.partition(".")[0].partition("_vs:")[0],
    }


def _decimals(claim: Claim, row: Row) -> int:
    if claim.unit in wording.EXACT:
        return wording.EXACT[claim.unit]
    return decimals_for(row.interval, num_decimals(claim)) if row.interval else max(2, num_decimals(claim))


def _measured(claim: Claim, row: Row) -> str:
    if row.measured is None:
        return ""
    return with_unit(f"{row.measured:,.{_decimals(claim, row)}f}", claim.unit)


def _interval(claim: Claim, row: Row) -> str:
    if row.interval is None or row.measured is None:
        return ""
    low, high = (f"{bound:,.{_decimals(claim, row)}f}" for bound in row.interval)
    return f"[{low}, {high}]"


def _offset(row: Row) -> float | None:
    if row.difference is None:
        return None
    if row.difference == 0:
        return 0.0
    if not row.tolerance:
        return FARTHEST if row.difference > 0 else -FARTHEST
    return max(-FARTHEST, min(FARTHEST, row.difference / row.tolerance))


def _choices(lines: Sequence[ClaimLine], papers: Mapping[str, Paper]) -> list[Choice]:
    held = [Line({}, line.held) for line in lines]
    all_held = {value for line in lines for value in line.held["outcome"].split()}
    words = {
        "measured": "all with a measurement",
        "own": "all own claims",
        **outcome_words(),
        "quoted": "quoted methods",
    }
    outcomes = [(value, word) for value, word in words.items() if value in all_held]
    chosen = next((value for value in ("measured", "own", "quoted") if value in all_held), "")
    quantities = {line.held["quantity"]: wording.metric(line.held["quantity"]) for line in lines}
    hows = {slug(line.row.how): line.row.how for line in lines if line.row.how}
    named = {line.held["dataset"]: line.group for line in lines if line.held["dataset"]}
    fields = [
        Choice("outcome", "Outcome", [*outcomes, ("", "everything")], chosen),
        choice("paper", "Paper", held, {id: short_name(paper) for id, paper in papers.items()}),
        choice("dataset", "Dataset", held, named),
        choice("quantity", "Metric", held, quantities),
        choice("how", "Checked by", held, hows),
    ]
    return [each for each in fields if len(each.options) > 2]

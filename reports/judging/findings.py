"""What a reader must know about numbers: findings, and what is open about a single claim.

Two ways lead to a reader, and a test holds that every text of the manifests takes one of them:

- `all_findings` gives the records for the paper's page and for the one list of all; `by_claim` says which of them to
  name at a row. They are the files in `data_manifests/findings`, what the arithmetic stage found, and what the papers
  claim without a number. The papers' `ambiguities` are told by the files, each by the finding that names its topic.
- `notes` gives what is open about one claim alone, for the open part of its row: its `ambiguity`, the kind of document
  if it is not the paper's text, and other places with the same or another number. A row that shows no notes hides what
  the transcription found.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from data_manifests.schemas.base import Identifier, Record
from data_manifests.schemas.claim import Claim, Source, Tier
from data_manifests.schemas.finding import Finding, Findings
from data_manifests.schemas.paper import Paper

from .arithmetic import Result, Worked
from .printed import reported

DOCUMENTS: dict[Tier, str] = {
    "seed": "the paper's own text",
    "readme": "a README of the authors, not the paper",
    "repo_image": "an image in the authors' repository, read by eye; of another version of the paper, or of a poster",
    "repo_code": "the authors' code, not the paper",
    "stored_page": "a stored copy of a public page, not the paper",
    "tracker": "a public tracker of results, which marks it as unverified",
}


class ShownFinding(Finding):
    """A finding with the paper that it is about and where the record comes from."""

    paper: Identifier
    origin: Literal["reading", "arithmetic", "without a number"]
    """Reading the documents; working numbers out; something that is claimed without a number."""


class Notes(Record):
    """What is open about one claim."""

    open: str | None
    """What its source leaves unclear."""
    document: str | None
    """The kind of document that it stands in; None for the paper's own text."""
    also: tuple[str, ...]
    """Other places that give the same number."""
    elsewhere: tuple[str, ...]
    """What other claims about the same thing say, with their place."""


def notes(claim: Claim, claims: Mapping[str, Claim]) -> Notes:
    """What is open about one claim.

    Args:
        claim: the row's.
        claims: of all papers, by id.
    """
    others = [other for other in claims.values() if other.id in claim.related or claim.id in other.related]
    return Notes(
        open=claim.ambiguity,
        document=None if claim.tier == "seed" else DOCUMENTS[claim.tier],
        also=tuple(_place(source) for source in claim.restated),
        elsewhere=tuple(f"{reported(other)} in {_place(other.source)}" for other in others),
    )


def all_findings(
    manifests: Mapping[str, Findings],
    papers: Mapping[str, Paper],
    results: Iterable[Result],
    claims: Mapping[str, Claim],
) -> tuple[ShownFinding, ...]:
    """Every finding, paper by paper.

    Args:
        manifests: by paper.
        papers: by id.
        results: of the arithmetic stage.
        claims: of all papers, by id.

    Returns:
        For each paper those of its file, then those of the arithmetic stage, then what it claims without a number.
    """
    worked_out = list(results)
    found: list[ShownFinding] = []
    for name, paper in papers.items():
        read = manifests[name].findings if name in manifests else ()
        found += [ShownFinding(**finding.model_dump(), paper=name, origin="reading") for finding in read]
        found += _of_arithmetic(name, [result for result in worked_out if claims[result.claim].paper == name], claims)
        found += _without_number(paper)
    return tuple(found)


def by_claim(findings: Iterable[ShownFinding]) -> dict[str, tuple[ShownFinding, ...]]:
    """The findings to name at each row, by the claim's id."""
    touching: dict[str, tuple[ShownFinding, ...]] = {}
    for finding in findings:
        for claim in finding.claims:
            touching[claim] = (*touching.get(claim, ()), finding)
    return touching


def about_paper(paper: str, findings: Iterable[ShownFinding], claims: Mapping[str, Claim]) -> tuple[ShownFinding, ...]:
    """The findings for a paper's page: its own, and those of other papers that touch its claims."""
    return tuple(
        finding
        for finding in findings
        if finding.paper == paper or any(claims[claim].paper == paper for claim in finding.claims)
    )


def _of_arithmetic(paper: str, results: Iterable[Result], claims: Mapping[str, Claim]) -> list[ShownFinding]:
    """Results with the same text are one finding about several claims. What is not yet counted found nothing."""
    told: dict[str, list[Result]] = {}
    for result in results:
        if result.finding is not None and not result.missing:
            told.setdefault(result.finding.title, []).append(result)
    return [_one_of_arithmetic(paper, title, of_title, claims) for title, of_title in told.items()]


def _one_of_arithmetic(paper: str, title: str, results: list[Result], claims: Mapping[str, Claim]) -> ShownFinding:
    texts = dict.fromkeys(result.shows for result in results)
    worked = dict.fromkeys(_in_words(result, case, claims) for result in results for case in _cases(result))
    places = dict.fromkeys(_place(claims[result.claim].source) for result in results)
    rests_on_readings = any(reading.fitted for result in results for reading in result.readings)
    return ShownFinding(
        id=f"arithmetic-{results[0].claim.replace('.', '-')}",
        title=title,
        what=" ".join((*texts, *worked)),
        where="; ".join(places),
        claims=tuple(result.claim for result in results),
        means="" if results[0].finding is None else results[0].finding.means,
        sure="likely" if rests_on_readings else "certain",
        how="worked out by the suite from the numbers named",
        paper=paper,
        origin="arithmetic",
    )


def _cases(result: Result) -> tuple[Worked, ...]:
    return (*result.cases, *result.beside)


def _in_words(result: Result, case: Worked, claims: Mapping[str, Claim]) -> str:
    claim = claims[result.claim]
    return f"{claim.model}, {claim.metric.replace('_', ' ')}, {case.what}: {case.text}."


def _without_number(paper: Paper) -> list[ShownFinding]:
    return [
        ShownFinding(
            id=f"without-number-{paper.id.replace('_', '-')}-{i}",
            title=f"Claimed without a number: {stated.claim}",
            what=stated.note or "No document of the material gives a number for it.",
            where=stated.where,
            means="There is nothing that a measurement could be compared with.",
            sure="certain",
            how="read the documents for claims",
            paper=paper.id,
            origin="without a number",
        )
        for i, stated in enumerate(paper.unquantified, start=1)
    ]


def _place(source: Source) -> str:
    """Where to look, such as `Table 2, 004.txt` or `Results, README.md of juntang-zhuang/ShelfNet (citys)`."""
    repository = f" of {source.repo}{f' ({source.branch})' if source.branch else ''}" if source.repo else ""
    return f"{source.location}, {source.document}{repository}"

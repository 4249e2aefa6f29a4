"""The page of a paper: what of it could be reproduced, and how, with all its claims about its own models."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe
from reports.judging.everywhere import outcomes
from reports.judging.findings import ShownFinding, about_paper
from reports.judging.outcome import JUDGED, How, Outcome
from reports.judging.recipes import listed, stages
from reports.judging.rows import Row
from reports.judging.verdicts import WORDS

from .badge import badge
from .build import Build
from .chips import Chip, chips
from .claims_table import ClaimsTable, claims_table
from .contents import contents
from .data import Latency, NetworkLine, PaperData, PaperRow, Work
from .data_path import MOST_DRAWINGS, Drawing, drawings
from .environment import environment
from .exports import bibtex, bibtex_file
from .site import Site
from .sources import arxiv, web

NEEDS: dict[How, str] = {
    "arithmetic": "nothing but the papers' own numbers and the suite's counts",
    "counted": "the network alone: no data and no weights",
    "timed": "the network and a machine without other load",
    "re-evaluated": "the authors' weights and the images",
    "retrained": "the images, and minutes to days of training",
    "answered by the owner's server": "predictions that were sent in, as the labels are hidden",
}
"""What each way of checking takes, the easiest first."""


@dataclass(frozen=True)
class Summary:
    """What of a paper could be reproduced."""

    sentence: str
    """The outcome, to be quoted."""
    scope: str
    easy: Sequence[tuple[How, str, int]]
    """How claims were judged, what that takes, and how many were."""
    hard: Sequence[tuple[str, int]]
    """What is missing, and for how many claims that are not judged; the most frequent first."""
    readings: Sequence[tuple[str, str, str, bool]]
    """What the paper names, what the suite takes for it, why, and whether that was chosen to fit."""


@dataclass(frozen=True)
class Network:
    """A network of the suite that stands for one of the paper's."""

    name: str
    named: str
    """As the paper prints it."""
    parameters: int | None
    work: Sequence[Work]
    latencies: Sequence[Latency]
    pages: Sequence[tuple[str, str]]
    """Name and title of the pages that have it."""


@dataclass(frozen=True)
class PaperView:
    """Everything that the page shows."""

    paper: Paper
    address: str | None
    code: str | None
    chips: Sequence[Chip]
    summary: Summary
    claims: ClaimsTable
    quoted: int
    """Numbers of other methods that the paper quotes."""
    networks: Sequence[Network]
    drawings: Sequence[Drawing]
    """One for each structure of these networks."""
    undrawn: Sequence[str]
    """Networks of the page without a drawing."""
    recipes: Sequence[Recipe]
    """Of the trainings of these networks, and of those whose weights they go on from."""
    protocols: Sequence[Protocol]
    findings: Sequence[ShownFinding]
    bibtex: str
    bibtex_file: str
    """Address of a file within the page."""
    badge: str
    build: Build
    data: PaperData

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Id and name of each section that the page has."""
        return contents(
            [
                ("summary", "Summary", True),
                ("claims-section", "Claims", self.claims.lines),
                ("networks", "Networks", self.networks),
                ("recipes", "Recipes", self.recipes),
                ("findings", "Findings", self.findings),
                ("protocols", "Protocols", self.protocols),
                ("cite", "Cite and badge", True),
            ]
        )


def paper_of(name: str, site: Site) -> PaperView:
    """Arranges the page of a paper."""
    paper = site.papers[name]
    own = site.own(name)
    placed = [each for claim in own for each in site.rows[claim.id]]
    rows = [row for row, _ in placed]
    counts = outcomes(own, site.rows)
    known = {finding.id: finding for finding in site.findings}
    table = claims_table(site.papers, site.protocols, site.claims, known, rows, site.proofs, site.dataset_titles)
    used = {line.protocol.id for line in table.lines if line.protocol}
    entry = bibtex(paper)
    days = [site.proofs[path].file.day for row in rows for path in row.evidence]
    networks = _networks(name, site)
    drawn = drawings([network.name for network in networks], site.paths)
    return PaperView(
        paper=paper,
        address=arxiv(paper),
        code=web(paper.code),
        chips=chips(counts),
        summary=_summary(paper, rows, counts, sorted({site.dataset_titles[claim.id] for claim in own})),
        claims=table,
        quoted=sum(claim.paper == name and not claim.own for claim in site.claims.values()),
        networks=networks,
        drawings=drawn,
        undrawn=sorted({n.name for n in networks}.difference(*(each.networks for each in drawn))),
        recipes=_recipes(name, site),
        protocols=[protocol for protocol in site.protocols.values() if protocol.id in used],
        findings=about_paper(name, site.findings, site.claims),
        bibtex=entry,
        bibtex_file=bibtex_file(entry),
        badge=badge(counts),
        build=site.build,
        data=PaperData(
            paper=name,
            title=paper.title,
            commit=site.build.commit,
            dirty=site.build.dirty,
            newest_evidence=max(days, default=None),
            outcomes=counts,
            rows=tuple(PaperRow(**row.model_dump(), page=page) for row, page in placed),
        ),
    )


def render(view: PaperView) -> str:
    """Writes the page: one self-contained HTML document; the same view gives the same text."""
    return environment().get_template("paper.html.jinja").render(view=view, most_drawings=MOST_DRAWINGS)


def outcome_sentence(paper: Paper, counts: Mapping[Outcome, int]) -> str:
    """How a paper came out, in a sentence that can be quoted."""
    total = sum(counts.values())
    verbs: dict[Outcome, str] = {
        "reproduced": "reproduced",
        "consistent": "consistent with what was found",
        "not reproduced": "not reproduced",
        "undecided": "undecided",
        "not comparable": "not comparable with what was measured",
    }
    parts = [f"{counts[outcome]} {'is' if counts[outcome] == 1 else 'are'} {verb}"
        for outcome, verb in verbs.items() if counts.get(outcome)]  # fmt: skip
    rest = counts.get("not run", 0)
    if rest:
        parts.append(f"{rest} {'waits' if rest == 1 else 'wait'} for a measurement" if parts else "none is judged yet")
    claims = f"{total} claim{'s' if total != 1 else ''}"
    authors = listed(_family_names(paper))
    if not total:
        return f"{authors} ({paper.year}) make no claim with a number about their own models."
    return f"Of {claims} that {authors} ({paper.year}) make about their own models, {listed(tuple(parts))}."


def _family_names(paper: Paper) -> tuple[str, ...]:
    names = tuple(author.split()[-1] for author in paper.authors)
    return names if len(names) <= 3 else (f"{names[0]} and others",)


def _summary(paper: Paper, rows: Sequence[Row], counts: Mapping[Outcome, int], datasets: Sequence[str]) -> Summary:
    judged = [row for row in rows if row.outcome in JUDGED]
    hows = Counter(row.how for row in judged)
    missing = Counter(code for row in rows if row.outcome == "not run" for code in {m.code for m in row.missing})
    taken = [("model", named, r.network, r.why, bool(r.fitted)) for named, r in paper.readings.items()]
    taken += [("baseline", named, r.network, r.why, bool(r.fitted)) for named, r in paper.baselines.items()]
    taken += [("model", named, " or ".join(c.networks), c.why, True) for named, c in paper.candidates.items()]
    return Summary(
        sentence=outcome_sentence(paper, counts),
        scope=_scope(paper, datasets),
        easy=[(how, what, hows[how]) for how, what in NEEDS.items() if hows[how]],
        hard=[(WORDS[code], number) for code, number in missing.most_common()],
        readings=[(f"{kind} “{named}”", network, why, fitted) for kind, named, network, why, fitted in taken],
    )


def _scope(paper: Paper, datasets: Sequence[str]) -> str:
    kinds = tuple(dict.fromkeys(document.kind for document in paper.documents.values()))
    number = len(paper.documents)
    read = f"Read: {number} document{'s' if number != 1 else ''} ({listed(kinds)})." if kinds else ""
    about = f"The claims about the paper's own models concern {listed(tuple(datasets))}." if datasets else ""
    return f"{read} {about}".strip()


def networks_of(name: str, site: Site) -> dict[str, str]:
    """The suite's networks that stand for a paper's own models, with the name that the paper prints."""
    found: dict[str, str] = {}
    for claim in site.own(name):
        for network in (*([claim.variant] if claim.variant else []), *claim.candidates):
            found.setdefault(network, claim.model)
    return found


def _networks(name: str, site: Site) -> list[Network]:
    lines: dict[str, list[tuple[str, NetworkLine]]] = {}
    for page, data in site.built.items():
        for line in data.networks:
            lines.setdefault(line.network, []).append((page, line))
    found = []
    for network, named in networks_of(name, site).items():
        of_network = [line for _, line in lines.get(network, [])]
        planned = [
            (page, report.title)
            for page, report in site.suite.reports.items()
            if any(run.model == network for run in report.runs)
        ]
        found.append(
            Network(
                name=network,
                named=named,
                parameters=next((line.parameters for line in of_network if line.parameters is not None), None),
                work=list(dict.fromkeys(work for line in of_network for work in line.work)),
                latencies=list(dict.fromkeys(latency for line in of_network for latency in line.latencies)),
                pages=planned,
            )
        )
    return found


def _recipes(name: str, site: Site) -> list[Recipe]:
    networks = networks_of(name, site)
    of_paper = [training for training in site.recipes if training.partition("/")[2] in networks]
    found = {stage.training: stage for training in of_paper for stage in stages(training, site.recipes)}
    return list(found.values())

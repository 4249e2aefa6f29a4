"""The index: the whole benchmark at one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data_manifests.schemas.finding import Sure
from reports.judging.ceiling import Ceiling, ceiling
from reports.judging.everywhere import outcomes, verdict
from reports.judging.findings import ShownFinding
from reports.judging.outcome import Outcome

from . import wording
from .board import Board, Cell, Choice, Column, Line, choice, figure, outcome_words, slug, with_best
from .data import IndexData, NetworkLine, Summed
from .environment import environment
from .exports import Export, exports
from .leaderboard import decimals_for, short_name
from .matrix import Matrix, matrix
from .site import Site

MOST_FINDINGS = 5
SURE: tuple[Sure, ...] = ("certain", "likely", "open")


class Telling(NamedTuple):
    """A finding with the paper whose page tells it."""

    finding: ShownFinding
    paper: str


@dataclass(frozen=True)
class IndexView:
    """Everything that the index shows."""

    ceiling: Ceiling
    matrix: Matrix
    board: Board
    exports: Sequence[Export]
    findings: Sequence[Telling]
    pages: Sequence[tuple[str, str, dict[Outcome, int]]]
    """Name, title and outcomes of each page that is built."""
    missing: Sequence[tuple[str, str]]
    """Name and title of each that is not."""
    citation: str
    """How to cite the suite."""
    data: IndexData


def index_of(site: Site, citation: str = "") -> IndexView:
    """Arranges the index.

    Args:
        site: facts and the pages that are built.
        citation: how to cite the suite, as BibTeX.
    """
    rows = [placed.row for of_claim in site.rows.values() for placed in of_claim]
    numbers = ceiling(site.claims.values(), rows, list(site.pages.values()), site.worked)
    table, board = matrix(site), networks_of_all(site)
    days = [page.newest_evidence for page in site.built.values() if page.newest_evidence]
    return IndexView(
        ceiling=numbers,
        matrix=table,
        board=board,
        exports=exports("index", board, site.papers.values()),
        findings=telling(site),
        pages=[(name, site.suite.reports[name].title, _of_page(name, site)) for name in site.built],
        missing=[(name, report.title) for name, report in site.suite.reports.items() if name not in site.built],
        citation=citation,
        data=IndexData(
            commit=site.build.commit,
            dirty=site.build.dirty,
            newest_evidence=max(days, default=None),
            own=numbers.own,
            judged=numbers.judged,
            worked_out=numbers.worked_out,
            possible=numbers.possible,
            pages=tuple(site.built),
            papers=tuple(site.papers),
            summed=tuple(
                Summed(paper=paper, dataset=title, page=dict(table.columns)[title], outcomes=bar.outcomes)
                for paper, _, _, bars in table.rows
                for title, bar in bars.items()
            ),
            networks={name: page.networks for name, page in site.built.items()},
        ),
    )


def render(view: IndexView) -> str:
    """Writes the index: one self-contained HTML document; the same view gives the same text."""
    return environment().get_template("index.html.jinja").render(view=view)


def telling(site: Site) -> list[Telling]:
    """The most telling findings, one of each paper.

    What comes with a claim that is not reproduced goes before other findings, what was worked out before what was read,
    the surest before others; of several the one that touches most of the paper's own claims.
    """
    best = []
    for paper in site.papers:
        own = {claim.id for claim in site.own(paper)}
        refuted = {name for name in own if verdict(row for row, _ in site.rows[name]) == "not reproduced"}
        of_paper = [f for f in site.findings if f.paper == paper and own.intersection(f.claims)]
        best += sorted(
            of_paper,
            key=lambda f: (
                refuted.isdisjoint(f.claims),
                f.origin != "arithmetic",
                SURE.index(f.sure),
                -len(own.intersection(f.claims)),
            ),
        )[:1]
    return [Telling(finding, finding.paper) for finding in best[:MOST_FINDINGS]]


def networks_of_all(site: Site) -> Board:
    """The leaderboard of all networks that a page of the suite has: trained, and with a score or a claim."""
    listed: dict[tuple[object, ...], tuple[str, list[NetworkLine]]] = {}
    for page, data in site.built.items():
        for line in data.networks:
            # Of a network without a score one line says what is claimed, whatever its weights can be.
            key = (page, line.network, line.claim) if line.measured is None else (page, line)
            if line.route != "untrained":
                listed.setdefault(key, (page, []))[1].append(line)
    ordered = sorted(
        listed.values(),
        key=lambda item: (item[1][0].measured is None, -(item[1][0].measured or item[1][0].reported or 0)),
    )
    timed = [latency for _, lines in ordered for line in lines for latency in line.latencies]
    machines = list(dict.fromkeys(latency.machine for latency in timed))
    columns = [
        Column("network", "Network", narrow=True),
        Column("paper", "Paper"),
        Column("dataset", "Dataset", narrow=True),
        Column("split", "Split", shown=False),
        Column("route", "Weights", "where they come from", shown=False),
        Column("protocol", "Protocol", "how predictions become a number", shown=False),
        Column("reported", "mIoU reported, %", numeric=True, narrow=True),
        Column("measured", "mIoU measured, %", "with the 95 % interval", numeric=True, best="high", narrow=True),
        Column("parameters", "Params, 10⁶", "that the prediction depends on", numeric=True),
        Column("macs", "MACs, 10⁹", "multiply-accumulates of one image, and its size", numeric=True),
        *(
            Column(f"ms-{slug(name)}", "Latency, ms", f"of one image on {name}, and its size", name, numeric=True)
            for name in machines
        ),
        Column("outcome", "Outcome", narrow=True),
    ]
    lines = with_best(columns, [_line(page, of_one, site, machines) for page, of_one in ordered])
    return Board(
        id="networks",
        caption="Networks of all papers, measured ones first. A star is the best of what can be compared: one dataset,"
        " one split, the same rules.",
        columns=[c for c in columns if any(line.cells.get(c.name, Cell()) != Cell() for line in lines)],
        lines=lines,
        choices=_choices(lines, site),
    )


def _by_accuracy(line: NetworkLine) -> tuple[bool, float]:
    return line.measured is None, -(line.measured or line.reported or 0)


def _line(page: str, lines: Sequence[NetworkLine], site: Site, machines: Sequence[str]) -> Line:
    """One line of lines that differ in where the weights come from."""
    line = lines[0]
    paper = site.papers[line.paper] if line.paper else None
    routes = [wording.ROUTES[each.route] if each.route else "no network of the suite" for each in lines]
    work = line.work[0] if line.work else None
    protocol = site.protocols.get(line.protocol or "")
    href = f"{page}.html#" + (f"claim-{line.claim}" if line.claim else "leaderboard")
    cells = {
        "network": Cell(line.network, href=href, sub=routes[0] if line.measured is not None else ""),
        "paper": Cell(short_name(paper), href=f"{paper.id}.html", about=paper.title) if paper else Cell(),
        "dataset": Cell(site.suite.reports[page].title, href=f"{page}.html", sub=line.split or ""),
        "split": Cell(line.split or ""),
        "route": Cell(", ".join(dict.fromkeys(routes))),
        "protocol": Cell(protocol.title if protocol else line.protocol or "not stated"),
        "reported": Cell() if line.reported is None else Cell(f"{line.reported:g}", line.reported),
        "measured": _measured(line),
        "parameters": figure(line.parameters / 1e6) if line.parameters is not None else Cell(),
        "macs": figure(work.macs / 1e9, 1, f"{work.width}x{work.height}") if work else Cell(),
        "outcome": Cell(outcome=line.outcome) if line.outcome else Cell(),
    }
    for name in machines:
        timed = next((each for each in line.latencies if each.machine == name), None)
        cells[f"ms-{slug(name)}"] = figure(timed.milliseconds, 1, f"{timed.width}x{timed.height}") if timed else Cell()
    outcome = slug(line.outcome) if line.outcome else "measured-only"
    held = {
        "paper": line.paper or "",
        "dataset": page,
        "route": " ".join(each.route or "none" for each in lines),
        "outcome": f"{outcome} measured" if line.measured is not None else outcome,
    }
    return Line(cells, held, f"{page} {line.comparable}" if line.comparable else None)


def _measured(line: NetworkLine) -> Cell:
    if line.measured is None:
        return Cell()
    decimals = decimals_for(line.interval)
    sub = f"[{line.interval[0]:.{decimals}f}, {line.interval[1]:.{decimals}f}]" if line.interval else ""
    cell = figure(line.measured, decimals, f"{sub} \N{DAGGER}".strip() if line.caveat else sub)
    return Cell(cell.text, cell.order, cell.sub, about=line.caveat or "")


def _choices(lines: Sequence[Line], site: Site) -> list[Choice]:
    fields = [
        choice("dataset", "Dataset", lines, {name: report.title for name, report in site.suite.reports.items()}),
        choice("paper", "Paper", lines, {id: short_name(paper) for id, paper in site.papers.items()}),
        choice("route", "Weights", lines, {**wording.ROUTES, "none": "no network of the suite"}),
        choice(
            "outcome", "Outcome", lines,
            {"measured": "all with a measurement", **outcome_words(), "measured-only": "no claim"},
        ),
    ]  # fmt: skip
    return [each for each in fields if len(each.options) > 2]


def _of_page(name: str, site: Site) -> dict[Outcome, int]:
    """Own claims that the page has, each once."""
    on_page = {row.claim for row in site.built[name].rows if row.own}
    return outcomes([claim for claim in site.claims.values() if claim.id in on_page], site.rows)


def suite_bibtex(title: str, authors: Sequence[str], version: str, released: str) -> str:
    """How to cite the suite.

    Args:
        title: of the suite.
        authors: names.
        version: such as `0.2.0`.
        released: year, month and day.
    """
    fields = {
        "title": f"{{{title}}}",
        "author": " and ".join(f"{{{name}}}" for name in authors),
        "year": released[:4],
        "note": f"version {version}",
    }
    return "@software{segrepro,\n" + ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items()) + "\n}\n"

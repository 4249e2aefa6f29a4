"""The leaderboard: accuracy and cost side by side, one line a network, origin of its weights, split and protocol."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

from data_manifests.schemas.claim import Claim, Tier
from data_manifests.schemas.evidence import Efficiency, Profile, RunRoute
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Evidence, Measurement, machine, measurements
from reports.judging.printed import num_decimals, reported
from reports.judging.rows import Row

from . import wording
from .board import Board, Cell, Choice, Column, Line, Tick, choice, figure, outcome_words, slug, with_best

TIERS = get_args(Tier)
PERCENT = {"percent": 1, "fraction": 100}
"""Factor from a claim's unit to percent."""


class Key(NamedTuple):
    """What a line is about."""

    network: str
    route: RunRoute | None
    """None: no run of the page has the network."""
    split: str | None
    protocol: str | None
    """Id; None where the source does not say how it was scored."""


@dataclass
class Entry:
    """Claim, verdict and measurements of one line."""

    claim: Claim | None = None
    row: Row | None = None
    scores: dict[str, list[Measurement]] = field(default_factory=dict)
    """By metric: one for each seed."""
    caveat: str | None = None
    """Why the scores cannot simply be compared with those of other networks; None if they can."""

    @property
    def reported(self) -> float | None:
        """Percent."""
        return None if self.claim is None else round(self.claim.value * PERCENT[self.claim.unit], 6)

    @property
    def measured(self) -> float | None:
        """Percent; the mean of several seeds."""
        return mean(self.scores.get("miou", ()))


class Costs(NamedTuple):
    """What networks cost, by name of a column."""

    columns: list[Column]
    values: dict[str, dict[str, float]]
    """By column and network."""


@dataclass(frozen=True)
class Leaderboard:
    """The table, and what the charts beside it draw."""

    board: Board
    entries: Mapping[Key, Entry]
    """In the order of the lines."""
    costs: Costs

    @property
    def caveats(self) -> dict[str, list[str]]:
        """The runs whose scores in the table have a caveat, by its text."""
        found: dict[str, list[str]] = {}
        for key, entry in self.entries.items():
            if entry.caveat and key.route:
                names = found.setdefault(entry.caveat, [])
                names += [name for name in [f"{key.network}, {wording.ROUTES[key.route]}"] if name not in names]
        return found


def leaderboard(
    report: Report,
    papers: Mapping[str, Paper],
    protocols: Mapping[str, Protocol],
    claims: Mapping[str, Claim],
    rows: Sequence[Row],
    evidence: Sequence[Evidence],
) -> Leaderboard:
    """Arranges accuracy and cost of all networks of a page.

    Args:
        report: its runs say by which routes a network that was not scored yet can be.
        papers: by id.
        protocols: by id.
        claims: by id.
        rows: of the page.
        evidence: of the page.

    Returns:
        Lines by accuracy: measured, else reported, the best first; lines that papers quote come last.
    """
    found = _entries(report, claims, rows, evidence)
    entries = dict(sorted(found.items(), key=lambda item: -max(item[1].measured or 0, item[1].reported or 0)))
    costs = _costs(evidence)
    lines = [_line(key, entry, papers, protocols, costs) for key, entry in entries.items()]
    quoted = list(_quoted(claims, rows, papers))
    columns = [
        Column("network", "Network", narrow=True),
        Column("paper", "Paper"),
        Column("route", "Weights", "where they come from"),
        Column("split", "Split"),
        Column("scales", "Scales", "at which an image is predicted; mirrored: its mirror image, too"),
        Column("protocol", "Protocol", "how predictions become a number", shown=False),
        Column("reported", "mIoU reported, %", numeric=True, best="high", narrow=True),
        Column("measured", "mIoU measured, %", "with the 95 % interval", numeric=True, best="high", narrow=True),
        Column(
            "difference",
            "Δ, points",
            "measured minus the nearest value that prints as the claim does",
            numeric=True,
        ),
        Column("iiou", "iIoU measured, %", numeric=True, best="high"),
        Column("outcome", "Outcome", narrow=True),
        *costs.columns,
    ]
    marked = with_best(columns, lines, [column.name for column in costs.columns])
    shown = [*marked, *quoted]
    return Leaderboard(
        Board(
            id="networks",
            caption="Networks by accuracy. A star is the best of what can be compared:"
            " accuracy on one split by the same rules, cost at one size on one machine.",
            columns=[
                column for column in columns if any(line.cells.get(column.name, Cell()) != Cell() for line in shown)
            ],
            lines=shown,
            choices=_choices(shown, papers, protocols),
            ticks=[Tick("kind", "quoted methods", "quoted")] if quoted else [],
        ),
        entries,
        costs,
    )


def short_name(paper: Paper) -> str:
    """A paper as a text cites it, such as `Mehta 2018`."""
    return f"{paper.authors[0].split()[-1]} {paper.year}"


def mean(measured: Sequence[Measurement]) -> float | None:
    """Of several seeds; None where nothing or nothing defined was measured."""
    values = [m.value for m in measured if m.value is not None]
    return sum(values) / len(values) if values else None


def decimals_for(interval: tuple[float, float] | None, printed: int = 1) -> int:
    """Decimals that a measurement is worth: one beyond the first digit of its interval's half-width.

    Args:
        interval: of the measurement.
        printed: decimals of the claim beside it, which are never cut.
    """
    half = (interval[1] - interval[0]) / 2 if interval else 0.0
    worth = 2 if half <= 0 else min(3, max(0, 1 - math.floor(math.log10(half))))
    return max(worth, printed)


def _entries(
    report: Report, claims: Mapping[str, Claim], rows: Sequence[Row], evidence: Sequence[Evidence]
) -> dict[Key, Entry]:
    routes: dict[str, list[RunRoute]] = {}
    for run in report.runs:
        if run.route != "untrained":
            routes.setdefault(run.model, []).append(run.route)
    found: dict[Key, Entry] = {}
    of_claims = [row for row in rows if row.own and row.metric == "miou" and row.unit in PERCENT]
    of_claims.sort(key=lambda row: TIERS.index(claims[row.claim].tier))
    for row in of_claims:
        claim = claims[row.claim]
        network = row.variant or row.model
        planned = [row.route] if row.evidence else [*routes.get(network, [None])]
        for route in planned:
            key = Key(network, route, claim.suite_split, row.protocol)
            if key not in found:
                found[key] = Entry(claim, row)
    for item in evidence:
        for m in measurements(item):
            if m.run is not None and m.split is not None and m.metric in ("miou", "iiou"):
                key = Key(m.model, m.run.route, m.split, m.protocol)
                found.setdefault(key, Entry()).scores.setdefault(m.metric, []).append(m)
    for key, entry in found.items():
        entry.caveat = report.caveats.get((key.network, key.route or "")) if entry.scores else None
    # A line without claim and without mIoU says nothing.
    return {key: entry for key, entry in found.items() if entry.claim or entry.measured is not None}


def _line(key: Key, entry: Entry, papers: Mapping[str, Paper], protocols: Mapping[str, Protocol], costs: Costs) -> Line:
    claim, row = entry.claim, entry.row
    outcome = row.outcome if row else None
    protocol = protocols.get(key.protocol or "")
    cells = {
        "network": Cell(key.network, href=f"#claim-{claim.id}" if claim else "", about=claim.model if claim else ""),
        "paper": Cell(short_name(papers[claim.paper]), about=papers[claim.paper].title) if claim else Cell(),
        "route": Cell(wording.ROUTES[key.route] if key.route else "no network of the suite"),
        "split": Cell(key.split or ""),
        "scales": Cell(wording.scales(protocol.inference) if protocol else "?"),
        "protocol": Cell(protocol.title if protocol else key.protocol or "not stated"),
        "reported": _reported(claim) if claim else Cell(),
        "measured": _measured(entry.scores.get("miou", []), claim, row, entry.caveat),
        "difference": _difference(row),
        "iiou": _measured(entry.scores.get("iiou", []), None, None, entry.caveat),
        "outcome": _verdict(row),
    }
    for column in costs.columns:
        value = costs.values[column.name].get(key.network)
        if value is not None:
            cells[column.name] = figure(value, 2 if value < 10 else 1 if value < 1000 else 0)
    held = {
        "paper": claim.paper if claim else "",
        "route": key.route or "none",
        "outcome": slug(outcome) if outcome else "measured-only",
        "protocol": key.protocol or "none",
        "split": slug(key.split or ""),
    }
    return Line(cells, held, None if entry.caveat else comparable(key, protocol))


def comparable(key: Key, protocol: Protocol | None) -> str | None:
    """Lines of one split and the same rules; single and several passes of the network are different rules."""
    if protocol is None or key.split is None or key.route == "untrained":
        return None
    rules = (protocol.void, protocol.average, protocol.absent, protocol.inference is not None)
    return " ".join(map(str, (key.split, *rules)))


def _reported(claim: Claim) -> Cell:
    value = round(claim.value * PERCENT[claim.unit], 6)
    if claim.unit == "percent":
        return Cell(reported(claim), value)
    return Cell(f"{value:g}", value, about=f"printed as {reported(claim)}")


def _measured(scores: Sequence[Measurement], claim: Claim | None, row: Row | None, caveat: str | None) -> Cell:
    value = mean(scores)
    if value is None:
        return Cell()
    interval = scores[0].interval if len(scores) == 1 else _of_seeds(row, scores)
    decimals = decimals_for(interval, num_decimals(claim) if claim and claim.unit == "percent" else 1)
    sub = f"[{interval[0]:.{decimals}f}, {interval[1]:.{decimals}f}]" if interval else ""
    if len(scores) > 1:
        sub = f"{sub} {len(scores)} seeds".strip()
    cell = figure(value, decimals, sub=f"{sub} \N{DAGGER}".strip() if caveat else sub)
    return replace(cell, about=caveat) if caveat else cell


def _of_seeds(row: Row | None, scores: Sequence[Measurement]) -> tuple[float, float] | None:
    """The prediction interval of the verdict, else from the lowest to the highest seed."""
    if row is not None and row.interval is not None:
        low, high = (bound * PERCENT.get(row.unit, 1) for bound in row.interval)
        return low, high
    values = [m.value for m in scores if m.value is not None]
    return min(values), max(values)


def _verdict(row: Row | None) -> Cell:
    if row is None or row.outcome is None:
        return Cell()
    return Cell(outcome=row.outcome, about=row.reason, sub="by arithmetic" if row.how == "arithmetic" else "")


def _difference(row: Row | None) -> Cell:
    if row is None or row.difference is None or row.how == "arithmetic":
        return Cell()
    points = row.difference * PERCENT[row.unit]
    return Cell(wording.signed(points, "pp"), float(points))


def _quoted(claims: Mapping[str, Claim], rows: Sequence[Row], papers: Mapping[str, Paper]) -> Iterator[Line]:
    """One line a method and split that a paper quotes, with the parameters that it quotes beside."""
    quoted = [claims[row.claim] for row in rows if not row.own]
    parameters = {(claim.paper, claim.model): claim for claim in quoted if claim.metric == "params_m"}
    seen = set()
    for claim in sorted(quoted, key=lambda claim: -claim.value * PERCENT.get(claim.unit, 1)):
        key = (claim.paper, claim.model, claim.split)
        if claim.metric != "miou" or claim.unit not in PERCENT or key in seen:
            continue
        seen.add(key)
        size = parameters.get(key[:2])
        cells = {
            "network": Cell(claim.model, href=f"#claim-{claim.id}", about="quoted by the paper"),
            "paper": Cell(short_name(papers[claim.paper]), about=f"quoted by: {papers[claim.paper].title}"),
            "route": Cell("quoted"),
            "split": Cell(claim.split),
            "reported": _reported(claim),
        }
        if size is not None and size.unit == "million":
            cells["parameters"] = Cell(reported(size), size.value)
        held = {"paper": claim.paper, "kind": "quoted", "split": slug(claim.suite_split)}
        yield Line(cells, held, quoted=True)


def _costs(evidence: Iterable[Evidence]) -> Costs:
    """What networks cost: parameters, work by size, time and memory by machine and size; common ones are shown first.

    Weights do not change what a network costs, so its first number counts.
    """
    values: dict[str, dict[str, float]] = {}
    titles: dict[str, tuple[str, str, str]] = {}

    def add(name: str, title: str, about: str, where: str, network: str, value: float) -> None:
        titles.setdefault(name, (title, about, where))
        values.setdefault(name, {}).setdefault(network, value)

    for item in evidence:
        match item.record:
            case Profile(run=run) as profile:
                of_prediction = profile.inference_parameters or profile.parameters
                add("parameters", "Params, 10⁶", "that the prediction depends on", "", run.model, of_prediction / 1e6)
                for c in profile.complexity:
                    size = f"{c.width}x{c.height}"
                    about = f"multiply-accumulates of one image of {size}"
                    add(f"macs-{size}", "MACs, 10⁹", about, size, run.model, c.macs / 1e9)
                if (step := profile.training) is not None:
                    about = f"weights, gradients, optimiser's state and saved activations; batch {step.batch}, counted"
                    size = f"{step.width}x{step.height}"
                    add("training_memory", "Training memory, MiB", about, size, run.model, step.counted / 2**20)
            case Efficiency(run=run) as timed:
                device = machine(timed.provenance)
                for line in timed.inference:
                    if (line.precision, line.mode) != ("fp32", "eager"):
                        continue
                    size = f"{line.width}x{line.height}"
                    name = re.sub(r"[^a-z0-9]+", "-", f"{device} {size}".lower())
                    about = f"{size} on {device}, batch 1, fp32, eager"
                    if line.latency:
                        add(f"ms-{name}", "Latency, ms", about, size, run.model, line.latency.median_ms)
                        add(f"fps-{name}", "Frames/s", about, size, run.model, 1000 / line.latency.median_ms)
                    if line.latency and line.floor_ms:
                        share = 100 * line.floor_ms / line.latency.median_ms
                        add(f"roofline-{name}", "Of the roofline, %", about, size, run.model, share)
                    if line.peak_bytes:
                        add(f"mib-{name}", "Peak memory, MiB", about, size, run.model, line.peak_bytes / 2**20)
    networks = len({network for costs in values.values() for network in costs})
    common = {_most(values, prefix) for prefix in ("parameters", "macs-", "ms-", "mib-")}
    shown = {name for name in common if name and len(values[name]) >= networks / 2}
    prefixes = ("parameters", "macs-", "ms-", "fps-", "roofline-", "mib-", "training_memory")
    names = sorted(values, key=lambda name: next(i for i, prefix in enumerate(prefixes) if name.startswith(prefix)))
    columns = []
    for name in names:
        title, about, where = titles[name]
        better: Literal["high", "low"] = "high" if name.startswith(("fps-", "roofline-")) else "low"
        columns.append(Column(name, title, about, where, True, better, shown=name in shown))
    return Costs(columns, values)


def _most(values: Mapping[str, Mapping[str, float]], prefix: str) -> str | None:
    """The column of a kind that most networks have a value in."""
    return max((name for name in values if name.startswith(prefix)), key=lambda name: len(values[name]), default=None)


def _choices(lines: Sequence[Line], papers: Mapping[str, Paper], protocols: Mapping[str, Protocol]) -> list[Choice]:
    splits = {slug(line.cells["split"].text): line.cells["split"].text for line in lines if not line.quoted}
    fields = [
        choice("paper", "Paper", lines, {id: short_name(paper) for id, paper in papers.items()}),
        choice("route", "Weights", lines, {**wording.ROUTES, "none": "no network of the suite"}),
        choice("split", "Split", lines, splits),
        choice("outcome", "Outcome", lines, {**outcome_words(), "measured-only": "no claim"}),
        choice("protocol", "Protocol", lines, {**{p.id: p.title for p in protocols.values()}, "none": "not stated"}),
    ]
    return [each for each in fields if len(each.options) > 2]

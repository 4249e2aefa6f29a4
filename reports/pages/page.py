"""The page of a dataset: one typed view, a part for each section, and its rendering."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import (
    Comparison,
    Difference,
    Efficiency,
    Evaluation,
    Profile,
    Run,
    Sensitivity,
    ServerAnswer,
    Training,
)
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe
from data_manifests.schemas.suite import Report, Suite
from reports.judging.context import context_of
from reports.judging.evidence import (
    Evidence,
    Measurement,
    Record,
    SideBySide,
    machine,
    measurements,
    trained_networks,
)
from reports.judging.findings import ShownFinding
from reports.judging.recipes import own_choices, stages
from reports.judging.rows import Joined
from reports.judging.seeds import Spread, over_seeds

from . import charts, wording
from .build import Build
from .by_class import by_class
from .caveats import caveats_of
from .claims_table import ClaimsTable, Proof, claims_table
from .confusion import Counted, confusion_maps
from .contents import contents
from .costs import CostChart, cost_charts
from .data import MOST_FILES, PageData, page_data, provenance_anchor
from .environment import environment
from .exports import exports
from .header import Header, header
from .heat import HeatMap
from .leaderboard import Leaderboard, leaderboard
from .samples import Gallery
from .sensitivity import Switched, switched

MOST_LINES = 100
"""Of each table other than the leaderboard and the claims; the leaderboard has all networks."""
Scores = Mapping[tuple[Path, str | None, str], Measurement]
"""By evidence file, protocol and metric."""


@dataclass(frozen=True)
class Facts:
    """What the manifests say about everything on a page."""

    dataset: Dataset
    label_set: LabelSet
    protocols: Mapping[str, Protocol]
    papers: Mapping[str, Paper]
    claims: Mapping[str, Claim]
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    """By `<dataset>/<model>`."""
    findings: Mapping[str, ShownFinding] = field(default_factory=dict)
    """By id."""


@dataclass(frozen=True)
class Names:
    """What runs and files are called on a page, and where it says more about them."""

    runs: Mapping[Run, str]
    titles: Mapping[Path, str]
    anchors: Mapping[str, str]
    """Of the full provenance of each file, by its path."""
    files: Mapping[str, Evidence]
    """By path."""


class Scored(NamedTuple):
    """The same predictions under the authors' protocol and under the standard one."""

    metric: str
    claim: Claim | None
    """That is judged by the first; None where all claims are about another split."""
    authors: Measurement
    standard: Measurement


@dataclass(frozen=True)
class ProtocolsView:
    """The authors' protocols against the standard one, and how much single choices change."""

    comparisons: Mapping[str, Sequence[Scored]]
    """By protocol of the authors."""
    sensitivities: Sequence[tuple[Evidence, Claim, Sequence[Switched]]]


@dataclass(frozen=True)
class ScoresView:
    """Scores of the runs, over seeds, and of two networks against each other: at most `MOST_LINES` of each."""

    evaluations: Sequence[Evidence]
    scored: int
    """How many evaluations there are."""
    spreads: Sequence[Spread]
    repeated: int
    """How many runs have several seeds."""
    differences: Sequence[Evidence]
    gains: Sequence[tuple[Evidence, Evidence]]
    """Each evaluation of an untrained network with each of the same network trained."""


@dataclass(frozen=True)
class CostsView:
    """Speed and memory: at most `MOST_LINES` of each."""

    profiles: Sequence[Evidence]
    counted: int
    """How many networks are counted."""
    efficiencies: Sequence[Evidence]
    timed: int
    """How many are timed."""
    side_by_side: Sequence[Evidence]


@dataclass(frozen=True)
class TrainingView:
    """Curves of the trainings."""

    trainings: Sequence[Training]
    """At most `MOST_LINES`."""
    trained: int
    """How many there are."""
    drawn: int
    """How many of them the curves show."""
    thinned: bool
    """Whether a curve shows means of parts instead of every iteration."""
    svg: str


@dataclass(frozen=True)
class MethodView:
    """How it was measured."""

    protocols: Sequence[Protocol]
    recipes: Mapping[str, Sequence[Recipe]]
    """By network: what is stated of its stages, the first one first."""


@dataclass(frozen=True)
class ProvenanceView:
    """Where the numbers come from."""

    most: int
    """Files whose provenance is on the page; the others are named beside it."""


@dataclass(frozen=True)
class Page:
    """Everything that a page shows."""

    name: str
    suite: Suite
    report: Report
    facts: Facts
    standard: Protocol
    names: Names
    evidence: Sequence[Evidence]
    scores: Scores
    header: Header
    leaderboard: Leaderboard
    charts: Sequence[CostChart]
    claims: ClaimsTable
    findings: Sequence[ShownFinding]
    """Those that the claims name, each once."""
    protocols: ProtocolsView
    measured: ScoresView
    classes: Sequence[HeatMap]
    confusion: Sequence[HeatMap]
    costs: CostsView
    training: TrainingView
    galleries: Sequence[Gallery]
    method: MethodView
    provenance: ProvenanceView
    data: PageData
    """The same for other programs."""

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Id and name of each section that the page has."""
        return contents(
            [
                ("leaderboard", "Leaderboard", self.leaderboard.board.lines),
                ("claims-section", "Claims", self.claims.lines),
                ("findings", "Findings", self.findings),
                ("protocols", "Protocols", [*self.protocols.comparisons, *self.protocols.sensitivities]),
                ("measured", "Scores", [*self.measured.evaluations, *self.measured.differences]),
                ("by-class", "By class", self.classes),
                ("confusion", "Confusion", self.confusion),
                ("cost", "Cost", [*self.costs.efficiencies, *self.costs.side_by_side, *self.costs.profiles]),
                ("training", "Training", self.training.trainings),
                ("pictures", "Pictures", self.galleries),
                ("method", "Method", True),
                ("provenance", "Provenance", True),
                ("data", "Dataset", True),
                ("again", "Rebuild", True),
            ]
        )


def render(view: Page) -> str:
    """Writes a page.

    Args:
        view: as `page_of` arranges it.

    Returns:
        One self-contained HTML document; the same arguments give the same text.
    """
    return environment().get_template("page.html.jinja").render(
        page=view,
        caveats=partial(caveats_of, view.report),
        trained=trained,
        own_choices=lambda record: own_choices(trained(record), view.facts.recipes),
        machine=machine,
    )  # fmt: skip


def page_of(
    name: str,
    suite: Suite,
    facts: Facts,
    joined: Joined,
    evidence: Sequence[Evidence],
    galleries: Sequence[Gallery],
    counted: Mapping[Path, Counted] | None = None,
    build: Build | None = None,
) -> Page:
    """Arranges everything that a page shows.

    Args:
        name: key of the report in the suite file.
        suite: title, tolerances, standard protocol.
        facts: manifests of the dataset, and of all protocols, papers and claims.
        joined: claims and measurements.
        evidence: files that the rows come from, and the trainings.
        galleries: pictures to embed.
        counted: pixel counts, by path of the evaluation.
        build: commit of the code.
    """
    build = build or Build()
    report, standard, rows = suite.reports[name], suite.standard_protocol, joined.rows
    names = _names(evidence)
    scores = {(m.evidence, m.protocol, m.metric): m for item in evidence for m in measurements(item)}
    board = leaderboard(report, facts.papers, facts.protocols, facts.claims, rows, evidence)
    data = page_data(name, report, standard, joined, evidence, board, facts.protocols, build)
    proofs = {file.path: Proof(file, f"#{names.anchors[file.path]}") for file in data.evidence}
    table = claims_table(facts.papers, facts.protocols, facts.claims, facts.findings, rows, proofs)
    named = dict.fromkeys(row.paper for row in rows)
    files = exports(name, board.board, [facts.papers[paper] for paper in named])
    trainings = [item.record for item in evidence if isinstance(item.record, Training)]
    profiles = [item for item in evidence if isinstance(item.record, Profile)]
    efficiencies = [item for item in evidence if isinstance(item.record, Efficiency)]
    return Page(
        name=name,
        suite=suite,
        report=report,
        facts=facts,
        standard=facts.protocols[standard],
        names=names,
        evidence=evidence,
        scores=scores,
        header=header(report.title, facts.dataset, table, board.board, evidence, build, files),
        leaderboard=board,
        charts=cost_charts(board),
        claims=table,
        findings=list({finding.id: finding for line in table.lines for finding in line.findings}.values()),
        protocols=ProtocolsView(
            _comparisons(joined, scores, facts.claims, facts.protocols, standard),
            _sensitivities(name, suite, facts, evidence),
        ),
        measured=_scores_view(evidence, standard),
        classes=by_class(facts.label_set, facts.protocols, rows, evidence, standard, names.runs),
        confusion=confusion_maps(evidence, counted or {}, names.runs),
        costs=CostsView(
            profiles[:MOST_LINES],
            len(profiles),
            efficiencies[:MOST_LINES],
            len(efficiencies),
            [item for item in evidence if isinstance(item.record, Comparison)],
        ),
        training=TrainingView(
            trainings[:MOST_LINES],
            len(trainings),
            min(len(trainings), charts.MOST_CURVES),
            any(training.iterations > charts.MOST_STEPS for training in trainings),
            charts.loss_curves(trainings) if trainings else "",
        ),
        galleries=galleries,
        method=MethodView(_protocols(joined, evidence, facts, standard), _recipes(evidence, facts.recipes)),
        provenance=ProvenanceView(MOST_FILES),
        data=data,
    )


def run_names(evidence: Sequence[Evidence]) -> dict[Run, str]:
    """The name of each run on a page: model and route, and the seed where there are several."""
    runs = list(dict.fromkeys(item.record.run for item in evidence if not isinstance(item.record, SideBySide)))
    seeds = Counter((run.model, run.route) for run in runs)
    return {
        run: f"{run.model}, {wording.ROUTES[run.route]}"
        + (f", seed {run.seed}" if seeds[run.model, run.route] > 1 else "")
        for run in runs
    }


def trained(record: Record | ServerAnswer) -> tuple[str, ...]:
    """The networks, `<dataset>/<model>`, whose own training the scores of a record come from."""
    match record:
        case ServerAnswer(run=run, weights=route):
            runs: Sequence[Run] = (run.model_copy(update={"route": route}),)
        case Difference(runs=runs):
            pass
        case Evaluation(run=run) | Sensitivity(run=run):
            runs = (run,)
        case _:
            runs = ()
    return tuple(network for run in runs for network in trained_networks(run))


def _names(evidence: Sequence[Evidence]) -> Names:
    runs = run_names(evidence)
    return Names(
        runs=runs,
        titles={item.path: _title(item, runs) for item in evidence},
        anchors={item.path.as_posix(): provenance_anchor(i) for i, item in enumerate(evidence, 1)},
        files={item.path.as_posix(): item for item in evidence},
    )


def _title(item: Evidence, names: Mapping[Run, str]) -> str:
    """The name of one evidence file on a page."""
    record = item.record
    what = " against ".join(record.models) if isinstance(record, SideBySide) else names[record.run]
    return f"{what}: {record.kind.replace('_', ' ')}"


def _recipes(evidence: Sequence[Evidence], recipes: Mapping[str, Recipe]) -> dict[str, list[Recipe]]:
    """What is stated of each network whose own training some scores come from: its stages, the first one first."""
    networks = dict.fromkeys(network for item in evidence for network in trained(item.record))
    return {network: list(stages(network, recipes))[::-1] for network in networks}


def _comparisons(
    joined: Joined, scores: Scores, claims: Mapping[str, Claim], protocols: Mapping[str, Protocol], standard: str
) -> dict[str, list[Scored]]:
    """By protocol of the authors: what claims are judged by under it, with the same metric under the standard protocol.

    The mIoU of a run that was predicted by a protocol's own inference is among them even where all claims that go by it
    are about another split.
    """
    found: dict[str, list[Scored]] = {}

    def add(evidence: str, protocol: str | None, metric: str, claim: Claim | None) -> None:
        authors, beside = (scores.get((Path(evidence), name, metric)) for name in (protocol, standard))
        # Scores of a test server exist under one protocol only.
        if protocol not in (None, standard) and authors is not None and beside is not None:
            found.setdefault(protocol or "", []).append(Scored(metric, claim, authors, beside))

    for row in joined.rows:
        if row.evidence:
            add(row.evidence[0], row.protocol, row.metric, claims[row.claim])
    judged = {(row.evidence[:1], row.protocol) for row in joined.rows if row.metric == "miou"}
    for numbers in joined.unjudged:
        protocol = protocols.get(numbers.protocol or "")  # an answer of a server may name one that is gone
        predicted_for_it = protocol is not None and protocol.inference is not None and "miou" in numbers.values
        if predicted_for_it and ((numbers.evidence,), numbers.protocol) not in judged:
            add(numbers.evidence, numbers.protocol, "miou", None)
    return found


def _sensitivities(
    name: str, suite: Suite, facts: Facts, evidence: Sequence[Evidence]
) -> list[tuple[Evidence, Claim, list[Switched]]]:
    """Each record of a protocol's sensitivity with its claim and the lines of its table."""
    context = context_of(facts.dataset, suite, name)
    return [
        (item, facts.claims[item.record.claim], switched(item.path, item.record, facts.claims, suite, context))
        for item in evidence
        if isinstance(item.record, Sensitivity)
    ]


def _scores_view(evidence: Sequence[Evidence], standard: str) -> ScoresView:
    evaluations = [item for item in evidence if isinstance(item.record, Evaluation)]
    records = [item.record for item in evidence if isinstance(item.record, Evaluation)]
    differences = [item for item in evidence if isinstance(item.record, Difference)]
    spreads, gains = over_seeds(records, standard), _gains(evidence)
    return ScoresView(
        evaluations[:MOST_LINES], len(evaluations), spreads[:MOST_LINES], len(spreads), differences, gains[:MOST_LINES]
    )


def _protocols(joined: Joined, evidence: Sequence[Evidence], facts: Facts, standard: str) -> list[Protocol]:
    """The protocols that the page mentions, including the standard one."""
    mentioned = {standard, *(row.protocol for row in joined.rows), *(each.protocol for each in joined.unjudged)}
    mentioned |= {facts.claims[row.claim].scoring for row in joined.rows}
    mentioned |= {item.record.protocol for item in evidence if isinstance(item.record, Sensitivity)}
    return [protocol for protocol in facts.protocols.values() if protocol.id in mentioned]


def _gains(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Each evaluation of an untrained network with each of the same network trained."""
    trained: dict[str, list[Evidence]] = {}
    for item in evidence:
        if isinstance(item.record, Evaluation) and item.record.run.route != "untrained":
            trained.setdefault(item.record.run.model, []).append(item)
    return [
        (floor, after_training)
        for floor in evidence
        if isinstance(floor.record, Evaluation) and floor.record.run.route == "untrained"
        for after_training in trained.get(floor.record.run.model, ())
    ]

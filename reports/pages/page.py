"""One page: rows and evidence arranged for the template."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

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
from data_manifests.schemas.suite import Suite
from reports.judging.evidence import (
    Evidence,
    Measurement,
    Record,
    SideBySide,
    machine,
    measurements,
    trained_networks,
)
from reports.judging.recipes import WORDS, listed, own_choices, plain, stages
from reports.judging.rows import Row, context_of
from reports.judging.seeds import over_seeds
from reports.judging.verdicts import Verdict, reported

from . import charts, wording
from .caveats import caveats_of
from .costs import cost_charts
from .samples import Scene
from .sensitivity import Switched, switched

HERE = Path(__file__).parent
MOST_COLUMNS = 5
"""Largest number of columns in a table by class, so that it fits on A4 paper."""
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


class Tally(NamedTuple):
    """How many claims of papers about their own models a page has, and their verdicts."""

    claims: int
    compared: int
    """Claims with at least one measurement."""
    comparisons: dict[Verdict, int]
    """Verdicts of the compared claims: one for each claim and measurement."""
    by_own_recipe: dict[Verdict, int]
    """Verdicts of those comparisons whose weights come from a recipe with deciding choices of the suite."""
    without: dict[Verdict, int]
    """Verdicts of the other claims."""


def render(
    name: str, suite: Suite, facts: Facts, rows: Sequence[Row], evidence: Sequence[Evidence], scenes: Sequence[Scene]
) -> str:
    """Writes a page.

    Args:
        name: key of the report in the suite file.
        suite: title, tolerances, standard protocol.
        facts: manifests of the dataset, and of all protocols, papers and claims.
        rows: as `rows.join` gives them.
        evidence: files that the rows come from, and the trainings.
        scenes: pictures to embed.

    Returns:
        One self-contained HTML document; the same arguments give the same text.
    """
    trainings = [item.record for item in evidence if isinstance(item.record, Training)]
    evaluations = [item.record for item in evidence if isinstance(item.record, Evaluation)]
    scores = {(m.evidence, m.protocol, m.metric): m for item in evidence for m in measurements(item)}
    names = run_names(evidence)
    caveats = partial(caveats_of, suite.reports[name])
    columns = _columns(rows, evidence, suite.standard_protocol)
    return environment().get_template("page.html.jinja").render(
        name=name,
        suite=suite,
        report=suite.reports[name],
        facts=facts,
        evidence=evidence,
        files={item.path.as_posix(): item for item in evidence},
        anchors={item.path.as_posix(): f"evidence-{i}" for i, item in enumerate(evidence, 1)},
        evaluations=[item for item in evidence if isinstance(item.record, Evaluation)],
        profiles=[item for item in evidence if isinstance(item.record, Profile)],
        efficiencies=[item for item in evidence if isinstance(item.record, Efficiency)],
        side_by_side=[item for item in evidence if isinstance(item.record, Comparison)],
        differences=[item for item in evidence if isinstance(item.record, Difference)],
        spreads=over_seeds(evaluations, suite.standard_protocol),
        costs=cost_charts(suite.reports[name], evidence, suite.standard_protocol, names),
        caveats=caveats,
        machine=machine,
        scores=scores,
        names=names,
        titles={item.path: _title(item, names) for item in evidence},
        counts=verdict_counts(rows),
        by_own_recipe=by_own_recipe(rows),
        tally=tally(rows),
        recipes=_recipes(evidence, facts.recipes),
        trained=_trained,
        own_choices=lambda record: own_choices(_trained(record), facts.recipes),
        scored=_scored(evaluations),
        papers=_papers(rows),
        comparisons=_comparisons(rows, scores, facts.protocols, suite.standard_protocol),
        sensitivities=_sensitivities(name, suite, facts, evidence),
        protocols=_protocols(rows, evidence, facts, suite.standard_protocol),
        by_class=_tables(columns),
        notes=list(dict.fromkeys(caveat for item, _ in columns for caveat in caveats(item.record))),
        gains=_gains(evidence),
        scenes=scenes,
        trainings=trainings,
        loss_curves=charts.loss_curves(trainings) if trainings else None,
    )  # fmt: skip


@cache
def environment() -> Environment:
    """Templates that escape all values, with the words and number formats of all pages."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", HERE / "styles"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"metric": wording.metric, "number": wording.number, "signed": wording.signed, "reported": reported}
    made.filters["mebibytes"] = wording.mebibytes
    made.filters |= {"listed": listed, "plain": plain}
    made.globals["things"] = WORDS
    made.filters["breakable"] = lambda name: escape(name).replace("_", Markup("_<wbr>"))  # long names of networks
    made.tests["per_class"] = lambda metric: metric.startswith("class_iou.")
    made.globals["wording"] = wording
    return made


def verdict_counts(rows: Sequence[Row]) -> dict[Verdict, int]:
    """How many rows have each verdict, in the order of `Verdict`."""
    counts = Counter(row.verdict for row in rows)
    return {verdict: counts[verdict] for verdict in get_args(Verdict)}


def by_own_recipe(rows: Sequence[Row]) -> dict[Verdict, int]:
    """Of the rows that a distance judges, by verdict: those by a recipe that is in part the suite's own."""
    return verdict_counts([row for row in rows if row.own_choices and row.difference is not None])


def tally(rows: Sequence[Row]) -> Tally:
    """Counts the claims of papers about their own models among the rows of a page."""
    own = [row for row in rows if row.claim and row.verdict != "quoted"]
    compared = [row for row in own if row.evidence]
    return Tally(
        claims=len({row.claim for row in own}),
        compared=len({row.claim for row in compared}),
        comparisons=verdict_counts(compared),
        by_own_recipe=by_own_recipe(compared),
        without=verdict_counts([row for row in own if not row.evidence]),
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


def _trained(record: Record | ServerAnswer) -> tuple[str, ...]:
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


def _recipes(evidence: Sequence[Evidence], recipes: Mapping[str, Recipe]) -> dict[str, list[Recipe]]:
    """What is stated of each network whose own training some scores come from: its stages, the first one first."""
    trained = dict.fromkeys(network for item in evidence for network in _trained(item.record))
    return {network: list(stages(network, recipes))[::-1] for network in trained}


def _title(item: Evidence, names: Mapping[Run, str]) -> str:
    """The name of one evidence file on a page."""
    record = item.record
    what = " against ".join(record.models) if isinstance(record, SideBySide) else names[record.run]
    return f"{what}: {record.kind.replace('_', ' ')}"


def _scored(evaluations: Sequence[Evaluation]) -> dict[tuple[str, int], list[Run]]:
    """By split and number of its images: the runs that were scored on it."""
    found: dict[tuple[str, int], list[Run]] = {}
    for evaluation in evaluations:
        found.setdefault((evaluation.split, evaluation.images), []).append(evaluation.run)
    return found


def _papers(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows with a claim, by paper: those with a measurement, judged ones first; others by reason; quoted ones."""
    found = []
    for paper in dict.fromkeys(row.paper for row in rows if row.paper):
        of_paper = [row for row in rows if row.paper == paper]
        measured = [row for row in of_paper if row.evidence is not None]
        measured.sort(key=lambda row: row.verdict == "not comparable")
        missing: dict[tuple[Verdict | None, str], list[Row]] = {}
        for row in of_paper:
            if row.verdict != "quoted" and row.evidence is None:
                missing.setdefault((row.verdict, row.reason), []).append(row)
        found.append(
            {
                "id": paper,
                "measured": measured,
                "missing": missing,
                "quoted": [row for row in of_paper if row.verdict == "quoted"],
            }
        )
    return found


def _comparisons(
    rows: Sequence[Row], scores: Scores, protocols: Mapping[str, Protocol], standard: str
) -> dict[str, list[tuple[Row, Measurement]]]:
    """By protocol of the authors: rows judged under it, each with the same metric under the standard protocol.

    The mIoU of a run that was predicted by a protocol's own inference is among them even where all claims that go by it
    are about another split.
    """
    found: dict[str, list[tuple[Row, Measurement]]] = {}
    judged = {(row.evidence, row.protocol) for row in rows if row.claim and row.metric == "miou"}
    for row in rows:
        if row.evidence is None or row.protocol in (None, standard):
            continue
        protocol = protocols.get(row.protocol)  # an answer of a server may name one that is gone
        predicted_for_it = protocol is not None and protocol.inference is not None and row.metric == "miou"
        if row.claim or (predicted_for_it and (row.evidence, row.protocol) not in judged):
            under_standard = scores.get((Path(row.evidence), standard, row.metric))
            if under_standard is not None:  # scores of a test server exist under one protocol only
                found.setdefault(row.protocol, []).append((row, under_standard))
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


def _protocols(rows: Sequence[Row], evidence: Sequence[Evidence], facts: Facts, standard: str) -> list[Protocol]:
    """The protocols that the page mentions, including the standard one."""
    mentioned = {standard, *(row.protocol for row in rows)}
    mentioned |= {item.record.protocol for item in evidence if isinstance(item.record, Sensitivity)}
    return [protocol for protocol in facts.protocols.values() if protocol.id in mentioned]


def _columns(rows: Sequence[Row], evidence: Sequence[Evidence], standard: str) -> list[tuple[Evidence, str]]:
    """Columns of the table by class: each evaluation, under the standard protocol and those of its claims."""
    by_claims = {(row.evidence, row.protocol) for row in rows if row.claim and row.evidence}
    return [
        (item, protocol)
        for item in evidence
        if isinstance(item.record, Evaluation)
        for protocol in dict.fromkeys([standard, *(score.protocol for score in item.record.scores)])
        if protocol == standard or (item.path.as_posix(), protocol) in by_claims
    ]


def _tables(columns: Sequence[tuple[Evidence, str]]) -> list[Sequence[tuple[Evidence, str]]]:
    """Splits the table by class into tables of about the same width, none wider than a sheet of paper."""
    if not columns:
        return []
    width = math.ceil(len(columns) / math.ceil(len(columns) / MOST_COLUMNS))
    return [columns[start : start + width] for start in range(0, len(columns), width)]


def _gains(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Each evaluation of an untrained network with each of the same network trained."""
    evaluations = [(item, item.record.run) for item in evidence if isinstance(item.record, Evaluation)]
    return [
        (floor, trained)
        for floor, before in evaluations
        for trained, after in evaluations
        if before.route == "untrained" != after.route and before.model == after.model
    ]

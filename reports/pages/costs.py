"""Accuracy and cost: one chart for each kind of cost, with the runs that can be compared with each other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from data_manifests.schemas.evidence import Efficiency, Evaluation, Profile, Run
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Evidence, machine

from . import charts, wording
from .caveats import caveats_of


class CostChart(NamedTuple):
    """mIoU over one cost."""

    svg: str
    caption: str


def cost_charts(
    report: Report, evidence: Sequence[Evidence], standard: str, names: Mapping[Run, str]
) -> list[CostChart]:
    """Draws accuracy over latency, for each machine, input size and split, then over parameters, for each split.

    Args:
        report: its runs may have caveats; such runs are left out, and the caption names them.
        evidence: evaluations, efficiencies and profiles; other files are ignored.
        standard: id of the protocol whose mIoU is taken.
        names: name of each run on the page.

    Returns:
        A chart wherever two networks or more have both numbers.
    """
    scored: dict[tuple[str, int], list[tuple[Evaluation, float]]] = {}
    for item in evidence:
        if isinstance(item.record, Evaluation) and item.record.run.route != "untrained":
            miou = {(score.protocol, score.metric): score.value for score in item.record.scores}[standard, "miou"]
            if miou is not None:
                scored.setdefault((item.record.split, item.record.images), []).append((item.record, miou))
    drawn: list[CostChart] = []
    for (cost, where), of_networks in _costs(evidence).items():
        for (split, images), runs in scored.items():
            points, left_out = [], []
            for record, miou in runs:
                if record.run.model not in of_networks:
                    continue
                if caveats_of(report, record):
                    left_out.append(names[record.run])
                else:
                    model, route = record.run.model, record.run.route
                    points.append(charts.Point(model, wording.ROUTES[route], of_networks[model], miou))
            if len({point.network for point in points}) > 1:
                caption = f"mIoU on the {images} images of the split “{split}” over {cost}{where}."
                if left_out:
                    caption += f" Left out, because of the caveats under “Measured”: {'; '.join(left_out)}."
                svg = charts.accuracy_over_cost(points, cost, f"cost-{len(drawn) + 1}")
                drawn.append(CostChart(svg, caption))
    return drawn


def _costs(evidence: Iterable[Evidence]) -> dict[tuple[str, str], dict[str, float]]:
    """By cost in words, with its unit, and where it was measured, and by network; latencies first.

    Weights do not change what a network costs, so its first number counts.
    """
    found: dict[tuple[str, str], dict[str, float]] = {}
    for item in evidence:
        match item.record:
            case Efficiency(run=run, inference=lines, provenance=provenance):
                for line in lines:
                    if line.latency and (line.precision, line.mode) == ("fp32", "eager"):
                        where = f" on {machine(provenance)} at {line.width}x{line.height}, fp32, eager, batch 1"
                        found.setdefault(("latency in ms", where), {}).setdefault(run.model, line.latency.median_ms)
            case Profile(run=run, parameters=parameters):
                found.setdefault(("parameters in millions", ""), {}).setdefault(run.model, parameters / 1e6)
    return dict(sorted(found.items()))

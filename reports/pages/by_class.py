"""IoU by class: every run under the standard protocol and those of its claims, with what papers report above it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from data_manifests.schemas.evidence import Evaluation, Run
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol
from reports.judging.evidence import Evidence, Measurement, measurements
from reports.judging.rows import Row

from .heat import HeatCell, HeatMap, HeatRow, percent
from .leaderboard import PERCENT

MOST_CLASSES = 20
"""Columns of one table, so that it fits on A4 paper."""
MOST_RUNS = 40
"""Rows of measurements; the others are in the evidence."""


def by_class(
    label_set: LabelSet,
    protocols: Mapping[str, Protocol],
    rows: Sequence[Row],
    evidence: Sequence[Evidence],
    standard: str,
    names: Mapping[Run, str],
) -> list[HeatMap]:
    """Arranges the IoU of each class.

    Args:
        label_set: classes in their order.
        protocols: by id.
        rows: of the page; the claims among them stand above the measurement that they are judged by.
        evidence: of the page.
        standard: id of the standard protocol.
        names: of the runs.

    Returns:
        One table for each `MOST_CLASSES` classes; none where nothing was scored. The first `MOST_RUNS` columns of
        scores are shown.
    """
    columns = _scored(rows, evidence, standard)[:MOST_RUNS]
    classes = [c.name for c in label_set.classes]
    metrics = [f"class_iou.{name.lower().replace(' ', '_')}" for name in classes]
    by_claims = _reported(rows)
    lines: list[tuple[str, str, list[HeatCell]]] = []
    for item, run, protocol in columns:
        scores: dict[str, Measurement] = {m.metric: m for m in measurements(item) if m.protocol == protocol}
        title = protocols[protocol].title if protocol in protocols else protocol
        claimed = by_claims.get((item.path.as_posix(), protocol), {})
        if claimed:
            values = [claimed.get(metric) for metric in metrics]
            lines.append((names[run], "reported", [_claimed(value) for value in values]))
        values = [scores[metric].value if metric in scores else None for metric in metrics]
        lines.append((names[run], title, [percent(value) for value in values]))
    if not lines:
        return []
    parts = range(0, len(classes), MOST_CLASSES)
    return [
        HeatMap(
            "IoU in percent" + (f", part {i} of {len(parts)}" if len(parts) > 1 else ""),
            "Run",
            classes[start : start + MOST_CLASSES],
            [HeatRow(name, sub, cells[start : start + MOST_CLASSES]) for name, sub, cells in lines],
        )
        for i, start in enumerate(parts, 1)
    ]


def _claimed(value: float | None) -> HeatCell:
    return HeatCell("", None) if value is None else HeatCell(f"{value:.1f}", None)


def _reported(rows: Sequence[Row]) -> dict[tuple[str, str | None], dict[str, float]]:
    """By evidence file and protocol: what papers report, by metric, in percent."""
    found: dict[tuple[str, str | None], dict[str, float]] = {}
    for row in rows:
        if row.own and row.metric.startswith("class_iou.") and row.unit in PERCENT:
            for path in row.evidence:
                found.setdefault((path, row.protocol), {})[row.metric] = row.reported * PERCENT[row.unit]
    return found


def _scored(rows: Sequence[Row], evidence: Sequence[Evidence], standard: str) -> list[tuple[Evidence, Run, str]]:
    """Each evaluation under the standard protocol and those of its claims."""
    by_claims = {(Path(path), row.protocol) for row in rows for path in row.evidence}
    return [
        (item, item.record.run, protocol)
        for item in evidence
        if isinstance(item.record, Evaluation)
        for protocol in dict.fromkeys([standard, *(score.protocol for score in item.record.scores)])
        if protocol == standard or (item.path, protocol) in by_claims
    ]

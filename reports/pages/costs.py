"""Accuracy and cost: charts of the networks of one split over what they cost."""

from collections import Counter
from typing import NamedTuple

from . import charts, wording
from .charts import Point
from .leaderboard import Entry, Key, Leaderboard

MOST_CHARTS = 6
"""Of one page: each cost that is shown at first, for the splits with the most networks."""


class CostChart(NamedTuple):
    """mIoU over one cost."""

    svg: str
    caption: str


def cost_charts(leaderboard: Leaderboard) -> list[CostChart]:
    """Draws accuracy over each cost that the leaderboard shows at first.

    Args:
        leaderboard: untrained networks are left out, and scores with a caveat, which the caption names.

    Returns:
        At most `MOST_CHARTS`: those of the split with the most networks first. A chart has two networks or more.
    """
    entries = {key: entry for key, entry in leaderboard.entries.items() if key.route != "untrained" and key.split}
    splits = Counter(split for split, _ in {(key.split or "", key.network) for key in entries})
    drawn: list[CostChart] = []
    for split, _ in sorted(splits.items(), key=lambda item: (-item[1], item[0])):
        for column in leaderboard.costs.columns:
            if not column.shown or len(drawn) == MOST_CHARTS:
                continue
            costs = leaderboard.costs.values[column.name]
            of_split = {key: entry for key, entry in entries.items() if key.split == split and key.network in costs}
            points = [
                _point(key, entry, costs[key.network], column.title)
                for key, entry in of_split.items()
                if entry.caveat is None
            ]
            if len({point.network for point in points}) < 2:
                continue
            where = f" ({column.about})" if column.about else ""
            caption = f"mIoU on the split “{split}” over {column.title}{where}. Each point leads to its row."
            if left_out := sorted({key.network for key, entry in of_split.items() if entry.caveat}):
                caption += f" Left out, because of the caveats below the table: {', '.join(left_out)}."
            svg = charts.accuracy_over_cost(points, column.title, f"cost-{len(drawn) + 1}")
            drawn.append(CostChart(svg, caption))
    return drawn


def _point(key: Key, entry: Entry, cost: float, title: str) -> Point:
    parts = [key.network, wording.ROUTES[key.route] if key.route else "", f"{title}: {cost:.4g}"]
    parts += [f"reported {entry.reported:g} %"] if entry.reported is not None else []
    parts += [f"measured {entry.measured:.1f} %"] if entry.measured is not None else []
    href = f"#claim-{entry.claim.id}" if entry.claim else "#networks"
    return Point(key.network, cost, entry.reported, entry.measured, ", ".join(filter(None, parts)), href)

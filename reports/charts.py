"""Curves and points, drawn by matplotlib and colored by the page."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from data_manifests.schemas.evidence import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colors that matplotlib can parse and no drawing holds otherwise; the page's style takes their place.
INK = "#010203"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05")
MARKERS = "osD^v"
# What matplotlib names and refers to within a drawing.
NAMED = re.compile(r'(?<= id=")|(?<= xlink:href="#)|(?<=url\(#)')


class Point(NamedTuple):
    """One scored run and what its network costs."""

    network: str
    weights: str
    """Where they come from, in words."""
    cost: float
    miou: float
    """Percent."""


def loss_curves(trainings: list[Training]) -> str:
    """Draws training loss over iterations: every value faint, their running mean strong.

    Args:
        trainings: one line each; beyond five the colors repeat.

    Returns:
        An `<svg>` element whose colors are the page's variables `--ink` and `--line-0` to `--line-4`. The same input
        gives the same text.
    """
    with _drawing("loss") as (axes, svg):
        for i, training in enumerate(trainings):
            color = LINES[i % len(LINES)]
            iterations = np.arange(1, training.iterations + 1)
            window = max(1, training.iterations // 25)
            smooth = np.convolve(training.loss, np.full(window, 1 / window), mode="valid")
            axes.plot(iterations, training.loss, color=color, alpha=0.3, linewidth=0.7)
            axes.plot(
                iterations[window - 1 :], smooth, color=color, linewidth=1.8,
                label=f"{training.run.model}, seed {training.run.seed}",
            )  # fmt: skip
        axes.set(xlabel="iteration", ylabel="training loss", xlim=(1, None), ylim=(0, None))
        axes.legend(frameon=False)
    return svg[0]


def accuracy_over_cost(points: Sequence[Point], label: str, name: str) -> str:
    """Draws each point, cost to the right on a logarithmic axis, mIoU upwards, with a sign for each kind of weights.

    Args:
        points: a network is named at the highest of its points.
        label: what the cost is, with its unit.
        name: of the drawing; no other drawing of the page has it.

    Returns:
        An `<svg>` element as that of `loss_curves`.
    """
    with _drawing(name) as (axes, svg):
        for i, weights in enumerate(dict.fromkeys(point.weights for point in points)):
            costs, scores = zip(
                *((point.cost, point.miou) for point in points if point.weights == weights), strict=True
            )
            axes.scatter(costs, scores, color=LINES[i % len(LINES)], marker=MARKERS[i % len(MARKERS)], label=weights)
        for network in dict.fromkeys(point.network for point in points):
            top = max((point for point in points if point.network == network), key=lambda point: point.miou)
            axes.annotate(network, (top.cost, top.miou), xytext=(4, 4), textcoords="offset points")
        axes.set(xlabel=label, ylabel="mIoU in percent", xscale="log")
        axes.margins(0.15)
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)  # above, where no point is
    return svg[0]


@contextmanager
def _drawing(name: str) -> "Iterator[tuple[Axes, list[str]]]":
    """Axes to draw on; after the body the list holds the drawing as an `<svg>` element, its ids beginning with a name.

    Matplotlib counts the parts of every drawing from 1 and takes ids of shapes from their outlines, so drawings would
    share ids.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9, "axes.spines.top": False,
        "axes.spines.right": False, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
        "xtick.color": INK, "ytick.color": INK,
    }  # fmt: skip
    drawn: list[str] = []
    with mpl.rc_context(style):
        figure = Figure(figsize=(6.4, 2.8), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure.add_subplot(), drawn
        drawing = io.StringIO()
        figure.savefig(
            drawing, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    svg = drawing.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "var(--ink)")
    for i, color in enumerate(LINES):
        svg = svg.replace(color, f"var(--line-{i})")
    drawn.append(NAMED.sub(f"{name}-", svg))

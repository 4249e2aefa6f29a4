"""Curves and points, drawn by matplotlib and colored by the page."""

import io
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from data_manifests.schemas.evidence import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Placeholder colors that matplotlib can parse and no drawing uses otherwise; the page's style replaces them.
INK = "#010203"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05")
MARKERS = "osD^v"
STYLES = ("-", "--", ":")
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
    """Draws training loss over iterations: every value as a thin line, the running mean as a thick line.

    Args:
        trainings: one line each; beyond five the colors repeat, in broken lines.

    Returns:
        An `<svg>` element whose colors are the page's variables `--ink` and `--line-0` to `--line-4`. The same input
        gives the same text.
    """
    labels = [_wrapped(f"{training.run.model}, seed {training.run.seed}", 40) for training in trainings]
    with _drawing("loss", legend=labels) as (axes, svg):
        for i, training in enumerate(trainings):
            color = LINES[i % len(LINES)]
            iterations = np.arange(1, training.iterations + 1)
            window = max(1, training.iterations // 25)
            smooth = np.convolve(training.loss, np.full(window, 1 / window), mode="valid")
            style = STYLES[i // len(LINES) % len(STYLES)]
            axes.plot(iterations, training.loss, color=color, alpha=0.3, linewidth=0.7, zorder=1)
            axes.plot(iterations[window - 1 :], smooth, color=color, linestyle=style, linewidth=1.8, label=labels[i])
        axes.set(xlabel="iteration", ylabel="training loss", xlim=(1, None), ylim=(0, None))
    return svg[0]


def accuracy_over_cost(points: Sequence[Point], label: str, name: str) -> str:
    """Draws mIoU over cost, on a logarithmic axis, with one marker for each kind of weights.

    Args:
        points: the highest point of each network has a number, and the legend has the names. Names next to the points
            would overlap where networks are similar.
        label: what the cost is, with its unit.
        name: of the drawing; no other drawing of the page has it.

    Returns:
        An `<svg>` element as that of `loss_curves`.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator

    networks = list(dict.fromkeys(point.network for point in sorted(points, key=lambda point: point.cost)))
    names = [_wrapped(f"{number} {network}", 40) for number, network in enumerate(networks, 1)]
    all_weights = list(dict.fromkeys(point.weights for point in points))
    with _drawing(name, legend=[*all_weights, *names]) as (axes, svg):
        for i, weights in enumerate(all_weights):
            costs, scores = zip(
                *((point.cost, point.miou) for point in points if point.weights == weights), strict=True
            )
            axes.scatter(costs, scores, color=LINES[i % len(LINES)], marker=MARKERS[i % len(MARKERS)], label=weights)
        for number, network in enumerate(networks, 1):
            top = max((point for point in points if point.network == network), key=lambda point: point.miou)
            axes.annotate(str(number), (top.cost, top.miou), xytext=(4, 4), textcoords="offset points")
            axes.plot([], [], " ", label=names[number - 1])
        axes.set(xlabel=label, ylabel="mIoU in percent", xscale="log")
        decades = math.log10(max(point.cost for point in points) / min(point.cost for point in points))
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if decades > 1 else MaxNLocator(4))
        axes.xaxis.set_major_formatter("{x:g}")  # powers of ten would be in a smaller font
        axes.minorticks_off()
        axes.margins(0.15)
    return svg[0]


def _wrapped(name: str, longest: int) -> str:
    """Breaks a long name, which has no spaces, into lines of at most `longest` characters."""
    return textwrap.fill(name.replace("_", "_ "), longest).replace("_ ", "_")


@contextmanager
def _drawing(name: str, legend: Sequence[str]) -> "Iterator[tuple[Axes, list[str]]]":
    """Axes to draw on; after the body the list holds the drawing as an `<svg>` element, its ids beginning with a name.

    It is as wide as a phone, so that its text is not made smaller there. The legend is above the points.
    Matplotlib counts the parts of every drawing from 1 and takes ids of shapes from their outlines, so drawings would
    share ids.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": name, "font.size": 10, "axes.spines.top": False,
        "axes.spines.right": False, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
        "xtick.color": INK, "ytick.color": INK,
    }  # fmt: skip
    drawn: list[str] = []
    with mpl.rc_context(style):
        lines = "\n".join(legend).count("\n") + 1
        figure = Figure(figsize=(4.4, 2.6 + 0.2 * lines), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        yield axes, drawn
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0, labelspacing=0.2)
        drawing = io.StringIO()
        figure.savefig(
            drawing, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    svg = drawing.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "var(--ink)")
    for i, color in enumerate(LINES):
        svg = svg.replace(color, f"var(--line-{i})")
    drawn.append(NAMED.sub(f"{name}-", svg))

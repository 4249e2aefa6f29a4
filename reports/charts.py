"""Curves and points, drawn by matplotlib and colored by the page."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from data_manifests.schemas.evidence import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colors that matplotlib can parse and no drawing holds otherwise; the page's style takes their place.
INK = "#010203"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05")


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


def accuracy_over_cost(points: Mapping[str, tuple[float, float]], label: str) -> str:
    """Draws one point for each network, cost to the right on a logarithmic axis, mIoU upwards.

    Args:
        points: network to cost and mIoU in percent.
        label: what the cost is, with its unit.

    Returns:
        An `<svg>` element as that of `loss_curves`.
    """
    with _drawing("cost") as (axes, svg):
        axes.scatter(*zip(*points.values(), strict=True), color=LINES[0])
        for name, place in points.items():
            axes.annotate(name, place, xytext=(4, 4), textcoords="offset points")
        axes.set(xlabel=label, ylabel="mIoU in percent", xscale="log")
        axes.margins(0.15)
    return svg[0]


@contextmanager
def _drawing(salt: str) -> "Iterator[tuple[Axes, list[str]]]":
    """Axes to draw on; after the body the list holds the drawing as an `<svg>` element."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": salt, "font.size": 9, "axes.spines.top": False,
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
    drawn.append(svg)

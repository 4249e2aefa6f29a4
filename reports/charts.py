"""The loss curves, drawn by matplotlib and colored by the page."""

import io
from typing import Any

import numpy as np

from data_manifests.schemas.evidence import Training

# Colors that matplotlib can parse and no drawing holds otherwise; the page's style takes their place.
INK = "#010203"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04")


def loss_curves(trainings: list[Training]) -> str:
    """Draws training loss over iterations: every value faint, their running mean strong.

    Args:
        trainings: one line each; beyond four the colors repeat.

    Returns:
        An `<svg>` element whose colors are the page's variables `--ink` and `--line-0` to `--line-3`. The same input
        gives the same text.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": "loss", "font.size": 9, "axes.spines.top": False,
        "axes.spines.right": False, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
        "xtick.color": INK, "ytick.color": INK,
    }  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(6.4, 2.8), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
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
        drawing = io.StringIO()
        figure.savefig(
            drawing, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    svg = drawing.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "var(--ink)")
    for i, color in enumerate(LINES):
        svg = svg.replace(color, f"var(--line-{i})")
    return svg

"""Curves and points, drawn by matplotlib and colored by the page."""

import io
import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from data_manifests.schemas.evidence import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Placeholder colors that matplotlib can parse and no drawing uses otherwise; the page's style replaces them.
INK = "#010203"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05")
STYLES = ("-", "--", ":")
# In inches, which a page shows at 100 pixels each where there is room.
WIDTH, HEIGHT = 4.4, 2.6
"""Of a drawing, and of its axes with what stands below them."""
LEFT, BELOW, RIGHT, ABOVE, LINE = 0.6, 0.55, 0.22, 0.1, 0.2
"""Room for numbers and name of the vertical axis and of the horizontal one, for half of its last number, for half a
marker, and for a line of the legend."""
MOST_CURVES = 10
"""Trainings in one drawing."""
MOST_STEPS = 150
"""Values of one curve; of a longer training, means of as many equal parts."""
MOST_NAMED = 6
"""Networks of a front that have a number and stand in the legend; every point has its name as title."""
SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
# What matplotlib names and refers to within a drawing.
REFERRED = re.compile(r"^#([\w-]+)$|url\(#([\w-]+)\)")
LONG = re.compile(r"\d+\.\d{2,}")
AROUND_LETTER = re.compile(r"\s*([A-Za-z])\s*")
REFERENCE = re.compile(r"url\(#")


class Point(NamedTuple):
    """One network and what it costs."""

    network: str
    cost: float
    reported: float | None
    """mIoU, percent."""
    measured: float | None
    title: str
    """With the values, in words."""
    href: str

    @property
    def miou(self) -> float:
        """What counts: measured, else reported."""
        return next(value for value in (self.measured, self.reported) if value is not None)


@dataclass
class _Drawing:
    axes: "Axes"
    links: dict[str, list[Point | None]] = field(default_factory=dict)
    """By name of a group of markers: the point that each of them leads to."""
    svg: str = ""
    """The drawing as an `<svg>` element, once it is finished."""


def loss_curves(trainings: Sequence[Training]) -> str:
    """Draws training loss over iterations: its mean over equal parts as a thin line, the running mean as a thick one.

    Args:
        trainings: the first `MOST_CURVES` are drawn. A network has a color, each of its seeds a style; beyond five
            networks colors repeat in other styles.

    Returns:
        An `<svg>` element whose colors are the page's variables `--ink` and `--line-0` to `--line-4`. The same input
        gives the same text.
    """
    drawn = trainings[:MOST_CURVES]
    labels = [_wrapped(f"{training.run.model}, seed {training.run.seed}", 40) for training in drawn]
    models = list(dict.fromkeys(training.run.model for training in drawn))
    with _drawing("loss", legend=labels) as drawing:
        for i, training in enumerate(drawn):
            at = models.index(training.run.model)
            seed = sum(other.run.model == training.run.model for other in drawn[:i])
            color, style = LINES[at % len(LINES)], STYLES[(at // len(LINES) + seed) % len(STYLES)]
            steps = min(training.iterations, MOST_STEPS)
            loss = np.array([part.mean() for part in np.array_split(training.loss, steps)])
            iterations = np.linspace(1, training.iterations, steps)
            window = max(1, steps // 25)
            smooth = np.convolve(loss, np.full(window, 1 / window), mode="valid")
            drawing.axes.plot(iterations, loss, color=color, alpha=0.3, linewidth=0.7, zorder=1)
            drawing.axes.plot(
                iterations[window - 1 :], smooth, color=color, linestyle=style, linewidth=1.8, label=labels[i]
            )
        drawing.axes.set(xlabel="iteration", ylabel="training loss", xlim=(1, None), ylim=(0, None))
    return drawing.svg


def accuracy_over_cost(points: Sequence[Point], label: str, name: str) -> str:
    """Draws mIoU over cost: reported hollow, measured filled, both of a network joined, and the Pareto front.

    Args:
        points: each has its title and links to its row. `MOST_NAMED` networks of the front, from its one end to the
            other, have numbers, and the legend their names: names next to the points would overlap where networks are
            similar.
        label: what the cost is, with its unit.
        name: of the drawing; no other drawing of the page has it.

    Returns:
        An `<svg>` element as that of `loss_curves`.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator

    front = pareto_front(points)
    chosen = np.unique(np.linspace(0, len(front) - 1, min(len(front), MOST_NAMED)).round().astype(int))
    named = [front[i] for i in chosen]
    names = [_wrapped(f"{number} {point.network}", 44) for number, point in enumerate(named, 1)]
    kinds = [("reported", "none"), ("measured", LINES[0])]
    kinds = [(kind, fill) for kind, fill in kinds if any(getattr(point, kind) is not None for point in points)]
    with _drawing(name, legend=[*(kind for kind, _ in kinds), "front", *names]) as drawing:
        axes = drawing.axes
        # One line with gaps takes a tenth of the room of a line for each network.
        both = [point for point in points if point.reported is not None and point.measured is not None]
        costs = [value for point in both for value in (point.cost, point.cost, math.nan)]
        scores = [value or 0.0 for point in both for value in (point.reported, point.measured, math.nan)]
        axes.plot(costs, scores, color=LINES[0], linewidth=1, zorder=2)
        for kind, fill in kinds:
            of_kind = [point for point in points if getattr(point, kind) is not None]
            values = [getattr(point, kind) for point in of_kind]
            axes.scatter(
                [point.cost for point in of_kind], values, s=36, facecolors=fill, edgecolors=LINES[0], zorder=3,
                clip_on=False, gid=kind, label=kind,
            )  # fmt: skip
            # A network has one link: at what was measured, else at what is reported.
            drawing.links[kind] = [point if kind == "measured" or point.measured is None else None for point in of_kind]
        axes.plot(
            [point.cost for point in front], [point.miou for point in front], "--", drawstyle="steps-post",
            color=INK, alpha=0.5, linewidth=1, label="Pareto front: nothing is cheaper and better", zorder=1,
        )  # fmt: skip
        for number, point in enumerate(named, 1):
            axes.annotate(str(number), (point.cost, point.miou), xytext=(-4, 5), textcoords="offset points", ha="right")
            axes.plot([], [], " ", label=names[number - 1])
        axes.set(xlabel=label, ylabel="mIoU in percent", xscale="log")
        decades = math.log10(max(point.cost for point in points) / min(point.cost for point in points))
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if decades > 1 else MaxNLocator(4))
        axes.xaxis.set_major_formatter("{x:g}")  # powers of ten would be in a smaller font
        axes.minorticks_off()
        axes.margins(0.12)
    return drawing.svg


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """Points that no other one beats in both cost and mIoU, the cheapest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.miou)):
        if not front or point.miou > front[-1].miou:
            front.append(point)
    return front


def _wrapped(name: str, longest: int) -> str:
    """Breaks a long name, which has no spaces, into lines of at most `longest` characters."""
    return textwrap.fill(name.replace("_", "_ "), longest).replace("_ ", "_")


@contextmanager
def _drawing(name: str, legend: Sequence[str]) -> Iterator[_Drawing]:
    """Axes to draw on; after the body the drawing has its `<svg>` element, with ids that begin with a name.

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
    with mpl.rc_context(style):
        above = LINE * ("\n".join(legend).count("\n") + 1) + ABOVE
        height = HEIGHT + above
        figure = Figure(figsize=(WIDTH, height))
        FigureCanvasSVG(figure)
        # Fixed places: to find them, matplotlib would lay everything out once more.
        axes = figure.add_axes((LEFT / WIDTH, BELOW / height, 1 - (LEFT + RIGHT) / WIDTH, (HEIGHT - BELOW) / height))
        drawing = _Drawing(axes)
        yield drawing
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0, labelspacing=0.2)
        written = io.StringIO()
        figure.savefig(
            written, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    drawing.svg = _for_the_page(written.getvalue(), name, drawing.links)


def _for_the_page(written: str, name: str, links: Mapping[str, Sequence[Point | None]]) -> str:
    """A drawing as the page can have it: ids of its own, the page's colors, no style attribute, links and titles.

    The page's policy lets no style apply that stands within an element, so each becomes an attribute of its own. Fonts
    and the shape of lines are the style sheet's.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(written[written.index("<svg") :])  # noqa: S314 - matplotlib wrote it a moment ago
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}style", f"{{{SVG}}}metadata"):
                parent.remove(child)
    remaining = dict(links)  # the first of a name has the points, the second is its sample in the legend
    for element in list(root.iter()):
        for declaration in (element.attrib.pop("style", "") or "").split(";"):
            key, _, value = declaration.partition(":")
            if key.strip() and not key.strip().startswith("font"):
                element.set(key.strip(), value.strip())
        own = element.get("id", "")
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == HREF:
                element.set(key, value.replace("#", f"#{name}-", 1))
            else:
                element.set(key, REFERENCE.sub(f"url(#{name}-", value))
        if own in remaining:
            _link(element, remaining.pop(own))
    _lighten(root)
    svg = ElementTree.tostring(root, encoding="unicode").replace(INK, "var(--ink)")
    for i, color in enumerate(LINES):
        svg = svg.replace(color, f"var(--line-{i})")
    return svg


def _lighten(root: ElementTree.Element) -> None:
    """Takes away what nothing shows: white space, names without a reference, turns by 0°, below a tenth of a point."""
    values = [value for element in root.iter() for value in element.attrib.values()]
    referred = {name for value in values for names in REFERRED.findall(value) for name in names}
    for element in root.iter():
        if element.tag.rpartition("}")[2] not in ("text", "tspan", "title"):
            element.text = None
        element.tail = None
        if element.get("id") not in referred:
            element.attrib.pop("id", None)
        for key, value in element.attrib.items():
            if key in ("d", "x", "y", "transform", "width", "height"):
                element.set(key, LONG.sub(lambda match: f"{float(match[0]):.1f}", value))
        if "d" in element.attrib:
            element.set("d", AROUND_LETTER.sub(r"\1", element.attrib["d"]).strip())
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]


def _link(group: ElementTree.Element, points: Sequence[Point | None]) -> None:
    """Puts markers into links with titles, which a pointer shows and a keyboard reaches.

    Markers refer to a shape that is defined once; a hollow one that is alone is a shape itself.
    """
    around = [parent for parent in group.iter() if parent.tag != f"{{{SVG}}}defs"]
    marks = (f"{{{SVG}}}use", f"{{{SVG}}}path")
    markers = [(parent, child) for parent in around for child in parent if child.tag in marks]
    for (parent, marker), point in zip(markers, points, strict=True):
        if point is not None:
            link = ElementTree.Element(f"{{{SVG}}}a", {"href": point.href})
            title = ElementTree.SubElement(link, f"{{{SVG}}}title")
            title.text = point.title
            at = list(parent).index(marker)
            parent.remove(marker)
            link.append(marker)
            parent.insert(at, link)

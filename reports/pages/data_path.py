"""Drawings of the path of the data through networks: stages from left to right, each on the line of its stride."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from data_manifests.schemas.data_path import DataPath, Stage

MOST_DRAWINGS = 8
"""Of one page; further networks are named."""
STEP, LINE, BOX = 30, 46, 20
"""Pixels from stage to stage, from line to line, and of a box's side."""
LEFT, TOP, RIGHT = 46, 46, 30
LETTER = 6.4
"""Pixels of a letter, at most."""
SIGNS = {"added": "+", "concatenated": "c", "multiplied": "\N{MULTIPLICATION SIGN}"}


@dataclass(frozen=True)
class Box:
    """One stage."""

    number: int
    """0 for the image."""
    x: float
    """Of its middle, as `y`."""
    y: float
    stage: Stage
    stride: int
    sources: Sequence[int]
    sign: str
    """How several maps become one; empty where it takes one."""
    kind: str
    """Part of the network that it belongs to, for the reader; empty for the image."""


@dataclass(frozen=True)
class Part:
    """One part of the network."""

    name: str
    start: float
    end: float
    label_y: float
    """Of its name: lower where the name before it would touch it."""


@dataclass(frozen=True)
class Drawing:
    """One structure, and the networks that have it."""

    networks: Sequence[str]
    """The first is the one that is drawn."""
    dataset: str
    """That it is built for."""
    width: int
    height: int
    size: tuple[int, int]
    """Width and height of the image that was followed."""
    boxes: Sequence[Box]
    lines: Sequence[str]
    """Paths of SVG, from stage to stage."""
    strides: Sequence[tuple[int, float]]
    """Each with the height of its line."""
    parts: Sequence[Part]
    summary: str
    """What it shows, in a sentence."""


def drawings(networks: Iterable[str], paths: Mapping[str, DataPath]) -> list[Drawing]:
    """Draws each structure once.

    Args:
        networks: of a page, in its order.
        paths: by network; those without one are not drawn.

    Returns:
        At most `MOST_DRAWINGS`, those of the most networks first. Networks whose stages, strides and lines are the same
        share one, even where their channels or the modules within a stage differ.
    """
    grouped: dict[tuple[object, ...], list[str]] = {}
    for network in networks:
        if network in paths:
            key = tuple((s.inputs, s.joined, stride(s, paths[network])) for s in paths[network].stages)
            grouped.setdefault(key, []).append(network)
    most = sorted(grouped.values(), key=lambda names: -len(names))[:MOST_DRAWINGS]
    return [_drawing(names, paths[names[0]]) for names in most]


def stride(stage: Stage, path: DataPath) -> int:
    """By how much a map is smaller than the image, to the nearest power of 2: padding makes some maps larger."""
    return 1 << max(0, round(math.log2(path.stages[0].width / stage.width)))


def _drawing(networks: Sequence[str], path: DataPath) -> Drawing:
    strides = [stride(stage, path) for stage in path.stages]
    lines = {each: TOP + LINE * i + BOX for i, each in enumerate(sorted(set(strides)))}
    boxes = [
        Box(
            number=i,
            x=LEFT + STEP * i + BOX / 2,
            y=lines[strides[i]],
            stage=stage,
            stride=strides[i],
            sources=stage.inputs,
            sign="".join(SIGNS[how] for how in stage.joined) if len(stage.inputs) > 1 else "",
            kind=_part(stage),
        )
        for i, stage in enumerate(path.stages)
    ]
    last = path.stages[-1]
    return Drawing(
        networks=networks,
        dataset=path.dataset,
        width=LEFT + STEP * len(boxes) + RIGHT,
        height=TOP + LINE * len(lines),
        size=(path.stages[0].width, path.stages[0].height),
        boxes=boxes,
        lines=[_line(boxes, source, box.number) for box in boxes for source in box.sources],
        strides=list(lines.items()),
        parts=list(_parts(boxes)),
        summary=f"{len(boxes) - 1} stages, down to stride {max(strides)}; the logits have {last.channels} channels at"
        f" stride {strides[-1]}.",
    )


def _parts(boxes: Sequence[Box]) -> Iterator[Part]:
    taken = 0.0
    for name, group in groupby((box for box in boxes if box.kind), key=lambda box: box.kind):
        of_part = list(group)
        start, end = of_part[0].x - BOX / 2, of_part[-1].x + BOX / 2
        middle, half = (start + end) / 2, len(name) * LETTER / 2
        touches = middle - half < taken
        taken = middle + half
        yield Part(name, start, end, 24 if touches else 11)


def _part(stage: Stage) -> str:
    top, dot, _ = stage.name.partition(".")
    return top.replace("_", " ") if dot else ""


def _line(boxes: Sequence[Box], source: int, target: int) -> str:
    """From the right of one box to the left of another; above the boxes that stand between them."""
    x, y, to_x, to_y = boxes[source].x + BOX / 2, boxes[source].y, boxes[target].x - BOX / 2, boxes[target].y
    between = boxes[source + 1 : target]
    if y == to_y and any(box.y == y for box in between):
        high = y - BOX
        up = f"C{x + 5:g} {high:g} {x + 8:g} {high:g} {x + 12:g} {high:g}"
        down = f"C{to_x - 8:g} {high:g} {to_x - 5:g} {high:g} {to_x:g} {y:g}"
        return f"M{x:g} {y:g}{up}H{to_x - 12:g}{down}"
    if y == to_y:
        return f"M{x:g} {y:g}H{to_x:g}"
    turn = to_x - 5 if to_x - x > STEP else (x + to_x) / 2
    return f"M{x:g} {y:g}C{turn:g} {y:g} {turn:g} {to_y:g} {to_x:g} {to_y:g}"

"""Models of things: colored faces in the thing's own coordinates.

A corner is (along, up, side) in centimeters: along the thing's heading, up from the ground, to its right. An outline
is a closed polygon in (along, up), or in (side, up) for a panel across an end. Outlines of things with a thickness run
counter-clockwise, along before up: that tells their outside.
"""

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from .colors import Rgb

Point = tuple[int, int]
Corner = tuple[int, int, int]
Outline = Sequence[Point]

_UNIT_CIRCLE = (
    (1000, 0), (924, 383), (707, 707), (383, 924), (0, 1000), (-383, 924), (-707, 707), (-924, 383),
    (-1000, 0), (-924, -383), (-707, -707), (-383, -924), (0, -1000), (383, -924), (707, -707), (924, -383),
)  # fmt: skip


class Face(NamedTuple):
    """A plane polygon."""

    color: Rgb | None  # None: the background shows through, yet the pixels are the thing's
    corners: tuple[Corner, ...]
    flat: bool = False  # of a thing without thickness: seen from both sides, not shaded


Group = tuple[Face, ...]
"""Faces in the order in which they are painted."""

Model = tuple[Group, ...]
"""Groups in any order: the farthest is painted first."""

Part = tuple[Rgb | None, Outline]
"""A color and where it is."""


def box(along: Point, up: Point) -> Outline:
    """A rectangle from one place to another along, and from one height to another."""
    return (along[0], up[0]), (along[1], up[0]), (along[1], up[1]), (along[0], up[1])


def disc(center: Point, radius: int) -> Outline:
    """A circle, as a polygon of 16 sides."""
    return tuple((center[0] + radius * c // 1000, center[1] + radius * s // 1000) for c, s in _UNIT_CIRCLE)


def ring(center: Point, outer: int, inner: int) -> Outline:
    """A circle with a round hole, as one polygon."""
    outside, inside = disc(center, outer), disc(center, inner)
    return (*outside, outside[0], inside[0], *reversed(inside))


def bar(start: Point, stop: Point, width: int) -> Outline:
    """A straight bar from one point to another."""
    (a, b), (c, d) = start, stop
    length = max(1, isqrt((c - a) ** 2 + (d - b) ** 2))
    across, up = (b - d) * width // (2 * length), (c - a) * width // (2 * length)
    return (a - across, b - up), (c - across, d - up), (c + across, d + up), (a + across, b + up)


def mirrored(*parts: Part) -> list[Part]:
    """The parts and their mirror images at along = 0 or side = 0."""
    return [*parts, *((color, tuple((-along, up) for along, up in reversed(outline))) for color, outline in parts)]


def figure(*parts: Part) -> Model:
    """A thing cut out of paper: later parts lie over earlier ones."""
    return (tuple(Face(color, tuple((*point, 0) for point in outline), flat=True) for color, outline in parts),)


def side_panels(half_width: int, *parts: Part) -> Group:
    """The same panels on the left and on the right side."""
    faces: Group = ()
    for color, outline in parts:
        right = tuple((*point, half_width) for point in outline)
        left = tuple((*point, -half_width) for point in reversed(outline))
        faces += Face(color, right), Face(color, left)
    return faces


def rear_panels(along: int, *parts: Part) -> Group:
    """Panels across the rear end."""
    return tuple(Face(color, tuple((along, up, side) for side, up in outline)) for color, outline in parts)


def front_panels(along: int, *parts: Part) -> Group:
    """Panels across the front end."""
    return rear_panels(along, *((color, tuple(reversed(outline))) for color, outline in parts))


def slab(color: Rgb, half_width: int, outline: Outline) -> Group:
    """An outline extruded to both sides: its rim, then its two side panels."""
    rim = tuple(
        Face(color, ((*p, half_width), (*p, -half_width), (*q, -half_width), (*q, half_width)))
        for p, q in zip(outline, (*outline[1:], outline[0]), strict=True)
    )
    return rim + side_panels(half_width, (color, outline))

"""Models of things: colored faces in the thing's own coordinates.

A corner is (along, up, side) in centimeters: along the thing's heading, up from the ground, to its right. A profile
is a closed outline in (along, up), or in (side, up) for an end panel, that runs counter-clockwise: along, then up.
"""

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from .colors import Rgb

Point = tuple[int, int]
Corner = tuple[int, int, int]

_UNIT_CIRCLE = (
    (1000, 0), (924, 383), (707, 707), (383, 924), (0, 1000), (-383, 924), (-707, 707), (-924, 383),
    (-1000, 0), (-924, -383), (-707, -707), (-383, -924), (0, -1000), (383, -924), (707, -707), (924, -383),
)  # fmt: skip


class Face(NamedTuple):
    """A plane polygon."""

    color: Rgb | None  # None: the background shows through, yet the pixels are the thing's
    corners: tuple[Corner, ...]
    flat: bool = False  # belongs to a thing without thickness: seen from both sides, not shaded


Group = tuple[Face, ...]
"""Faces in the order in which they are painted."""

Model = tuple[Group, ...]
"""Groups in any order: the canvas paints the farthest first."""


def box(along: Point, up: Point) -> tuple[Point, ...]:
    """The outline of a rectangle."""
    return (along[0], up[0]), (along[1], up[0]), (along[1], up[1]), (along[0], up[1])


def disc(center: Point, radius: int) -> tuple[Point, ...]:
    """The outline of a circle, as a polygon of 16 sides."""
    return tuple((center[0] + radius * c // 1000, center[1] + radius * s // 1000) for c, s in _UNIT_CIRCLE)


def ring(center: Point, outer: int, inner: int) -> tuple[Point, ...]:
    """The outline of a circle with a round hole, as one polygon."""
    outside, inside = disc(center, outer), disc(center, inner)
    return (*outside, outside[0], inside[0], *reversed(inside))


def limb(start: Point, end: Point, width: int) -> tuple[Point, ...]:
    """The outline of a straight bar from `start` to `end`."""
    along, up = end[0] - start[0], end[1] - start[1]
    length = max(1, isqrt(along * along + up * up))
    a, b = -up * width // (2 * length), along * width // (2 * length)
    return (
        (start[0] - a, start[1] - b),
        (end[0] - a, end[1] - b),
        (end[0] + a, end[1] + b),
        (start[0] + a, start[1] + b),
    )


def flat(color: Rgb | None, outline: Sequence[Point]) -> Group:
    """A figure cut out of paper: its outline in the plane side = 0."""
    return (Face(color, tuple((along, up, 0) for along, up in outline), flat=True),)


def sides(color: Rgb, outline: Sequence[Point], half_width: int) -> Group:
    """The same panel on the left and on the right side."""
    right = tuple((along, up, half_width) for along, up in outline)
    left = tuple((along, up, -half_width) for along, up in reversed(outline))
    return Face(color, right), Face(color, left)


def end(color: Rgb, outline: Sequence[Point], along: int, front: bool) -> Group:
    """A panel across the rear or the front end; its outline is in (side, up)."""
    ordered = reversed(outline) if front else outline
    return (Face(color, tuple((along, up, side) for side, up in ordered)),)


def slab(color: Rgb, profile: Sequence[Point], half_width: int) -> Group:
    """A profile extruded to both sides: its rim, then its two side panels."""
    rim = tuple(
        Face(color, ((*p, half_width), (*p, -half_width), (*q, -half_width), (*q, half_width)))
        for p, q in zip(profile, (*profile[1:], profile[0]), strict=True)
    )
    return rim + sides(color, profile, half_width)

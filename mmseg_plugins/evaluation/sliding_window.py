"""Positions of the sliding windows of an image."""

from math import ceil
from typing import NamedTuple

from data_manifests.schemas.protocol import Window


class Tile(NamedTuple):
    """Part of an image that a window covers, in pixels of the padded image."""

    top: int
    left: int
    height: int
    width: int


class Tiling(NamedTuple):
    """Windows of one image."""

    pad: tuple[int, int, int, int]
    """Pixels that the image is padded with at its left, right, top and bottom."""
    tiles: tuple[Tile, ...]
    """By rows. With `last: padded`, those at the ends may be smaller than a window."""


def tiling(size: tuple[int, int], window: Window) -> Tiling:
    """Places windows on an image.

    Args:
        size: height and width of the image.
        window: the rule.

    Returns:
        Padding and windows; every pixel of the padded image is in at least one.
    """
    (top, bottom), (left, right) = (_padding(side, window) for side in size)
    rows = _starts_and_lengths(size[0] + top + bottom, window)
    columns = _starts_and_lengths(size[1] + left + right, window)
    tiles = tuple(Tile(y, x, height, width) for y, height in rows for x, width in columns)
    return Tiling((left, right, top, bottom), tiles)


def _padding(side: int, window: Window) -> tuple[int, int]:
    missing = max(window.crop - side, 0)
    before = missing // 2 if window.pad == "centred" else 0
    return before, missing - before


def _starts_and_lengths(side: int, window: Window) -> list[tuple[int, int]]:
    starts = [window.stride * i for i in range(ceil((side - window.crop) / window.stride) + 1)]
    if window.last == "moved_back":
        return [(min(start, side - window.crop), window.crop) for start in starts]
    return [(start, min(window.crop, side - start)) for start in starts]

"""All that is flat: lanes, tracks, sidewalks, lawns and the side street, with marks, curbs, rails and shade."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .canvas import Canvas
from .colors import Rgb, some_color
from .dice import Dice
from .street import Street
from .textures import ASPHALT, COBBLES, CONCRETE, GRASS, PAVING, Material, meadow, pavement

_MARK: Rgb = (216, 216, 210)
_STEEL: Rgb = (128, 126, 124)
_HALF_GAUGE = 72  # cm

Mask = NDArray[np.bool_]


def paint_ground(canvas: Canvas, dice: Dice, street: Street) -> None:
    """Paints everything below the horizon."""
    height, width = canvas.instance_ids.shape
    rows = np.arange(canvas.camera.row + 1, height, dtype=np.int32)
    x, z = canvas.camera.on_ground(rows, np.arange(width, dtype=np.int32))
    rgb, instance_ids = canvas.rgb[rows[0] :], canvas.instance_ids[rows[0] :]
    materials = _materials(dice)
    for label, where in _zones(street, x, z):
        # Flat indices take half the time of a mask.
        pixels = np.flatnonzero(where)
        surface = materials[label](x.ravel()[pixels], z.ravel()[pixels // width], canvas.noise)
        rgb.reshape(-1, 3)[pixels] = np.clip(surface.color, 0, 255)
        instance_ids.ravel()[pixels] = canvas.class_id(label)
    marks = _marks(street, x, z)
    marks &= canvas.noise("leaves", x // 3, z // 5) < 170  # the rest is worn off
    rgb[marks | _curbs(street, x, z)] = _MARK
    rgb[_rails(street, x)] = _STEEL
    if canvas.weather.sun > 300:
        shaded = _shade_of_houses(street, canvas.weather.sun_direction[0], dice.between(100, 700), x, z)
        rgb[shaded] = rgb[shaded] // 16 * 10
    rgb[:] = canvas.weather.seen(rgb.astype(np.int32), canvas.weather.light((0, 1, 0)), z[..., None])


def _materials(dice: Dice) -> dict[str, Material]:
    """How each class of ground looks in this street."""
    slab = dice.pick(((50, 60), (80, 120), (100, 100)))
    return {
        "road": pavement(some_color(dice, ASPHALT, 12), 90),
        "sidewalk": pavement(some_color(dice, PAVING), 60, slab),
        "ground": pavement(some_color(dice, PAVING), 120),
        "terrain": meadow(some_color(dice, GRASS)),
        "parking": pavement(some_color(dice, COBBLES, 12), 110, (24, 40)),
        "rail track": pavement(some_color(dice, COBBLES + CONCRETE, 12), 120, (40, 150)),
    }


def _zones(street: Street, x: IntArray, z: IntArray) -> Iterator[tuple[str, Mask]]:
    """Class and extent of every zone, in the order in which they are painted; together they cover the ground."""
    yield "terrain", (x < street.edge(-1)) | (x >= street.edge(1))
    for strip in street.strips:
        left, right = strip.extent
        yield strip.ground, (x >= left) & (x < right)
    yield "road", np.broadcast_to(_on_crossing(street, z), x.shape)


def _marks(street: Street, x: IntArray, z: IntArray) -> Mask:
    """White paint: lane borders, and a zebra crossing before the side street."""
    zebra = street.crossing[0] - 420
    roadway = (x > street.roadway_edge(-1)) & (x < street.roadway_edge(1))
    marks = (z > zebra) & (z < zebra + 300) & (x % 100 < 50) & roadway
    for strip in street.strips:
        if strip.kind == "lane":
            marks |= (abs(x - strip.side * strip.inner) < 8) & (z % 900 < 450)
    return marks


def _curbs(street: Street, x: IntArray, z: IntArray) -> Mask:
    """Bright stones at the inner edges of the strips that are no traffic lanes."""
    curbs = np.zeros(x.shape, bool)
    for strip in street.strips:
        if strip.kind not in ("lane", "tracks"):
            curbs |= abs(x - strip.side * (strip.inner - 9)) < 9
    return curbs & ~_on_crossing(street, z)


def _rails(street: Street, x: IntArray) -> Mask:
    rails = np.zeros(x.shape, bool)
    for strip in street.strips:
        if strip.kind == "tracks":
            rails |= abs(abs(x - strip.center) - _HALF_GAUGE) < 6
    return rails


def _shade_of_houses(street: Street, sun: int, reach: int, x: IntArray, z: IntArray) -> Mask:
    """What the houses on the sun's side keep in the shade, so far into the street."""
    shaded = x > street.edge(1) - reach if sun > 0 else x < street.edge(-1) + reach
    return shaded & ~_on_crossing(street, z)


def _on_crossing(street: Street, z: IntArray) -> Mask:
    return (z > street.crossing[0]) & (z < street.crossing[1])

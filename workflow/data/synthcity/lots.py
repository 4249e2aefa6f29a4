"""What stands along both sides of a street and at its end: houses, walls, fences and gardens."""

import numpy as np

from .canvas import Canvas
from .facade import some_facade
from .shapes import Point
from .street import Street
from .textures import some_fence, some_wall
from .things import bush, tree


def paint_lots(canvas: Canvas, rng: np.random.Generator, street: Street) -> None:
    """Paints the lots of both sides from far to near."""
    _paint_end(canvas, rng, street.far)
    for side in (-1, 1):
        edge = abs(street.edge(side))
        nearest = max(street.near, edge * 8 // 10)
        for near, far in ((street.crossing[1], street.far), (nearest, street.crossing[0])):
            while far > near:
                start = max(near, far - int(rng.integers(900, 2000)))
                lot = _LOTS[np.searchsorted(_LOT_SHARES, rng.integers(100), side="right")]
                lot(canvas, rng, side, edge, (start, far))
                far = start


def _paint_end(canvas: Canvas, rng: np.random.Generator, far: int) -> None:
    """The row of houses and trees in which the street ends."""
    identity = canvas.stuff("building")
    x = -6000
    while x < 6000:
        width, height = int(rng.integers(1200, 2600)), int(rng.integers(700, 2000))
        canvas.front((x, x + width), far + 600, (0, height), some_facade(rng, height), identity)
        x += width
    for x in range(-5000, 5000, 900):
        if rng.integers(2):
            tree(canvas, rng, x + int(rng.integers(-300, 301)), far + 300, 1)


def _house(canvas: Canvas, rng: np.random.Generator, side: int, edge: int, z: Point) -> None:
    height, depth = int(rng.integers(600, 1900)), int(rng.integers(900, 1600))
    facade, identity = some_facade(rng, height), canvas.stuff("building")
    left, right = sorted((side * edge, side * (edge + depth)))
    canvas.front((left, right), z[0], (0, height), facade, identity)
    canvas.side(side * edge, z, (0, height), facade, identity)


def _walled(canvas: Canvas, rng: np.random.Generator, side: int, edge: int, z: Point) -> None:
    _garden(canvas, rng, side, edge, z)
    canvas.side(side * edge, z, (0, int(rng.integers(180, 340))), some_wall(rng), canvas.stuff("wall"))


def _fenced(canvas: Canvas, rng: np.random.Generator, side: int, edge: int, z: Point) -> None:
    _garden(canvas, rng, side, edge, z)
    height = int(rng.integers(140, 250))
    canvas.side(side * edge, z, (0, height), some_fence(rng, height), canvas.stuff("fence"))


def _hedged(canvas: Canvas, rng: np.random.Generator, side: int, edge: int, z: Point) -> None:
    _garden(canvas, rng, side, edge, z)
    for at in range(z[1], z[0], -260):
        bush(canvas, rng, side * (edge + 60), at, side)


def _garden(canvas: Canvas, rng: np.random.Generator, side: int, edge: int, z: Point) -> None:
    """What shows behind a wall or a fence: perhaps a house, and trees."""
    if rng.integers(2):
        _house(canvas, rng, side, edge + int(rng.integers(900, 1500)), z)
    for at in range(z[1], z[0], -500):
        plant = (tree, tree, bush, None)[rng.integers(4)]
        if plant:
            plant(canvas, rng, side * (edge + int(rng.integers(280, 600))), at, side)


_LOTS = (_house, _walled, _fenced, _hedged)
_LOT_SHARES = (42, 66, 90, 100)  # cumulative percents

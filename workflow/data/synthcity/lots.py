"""What stands along both sides of a street and at its end: houses, walls, fences and gardens."""

from .canvas import Canvas
from .dice import Dice
from .facade import some_facade
from .shapes import Point
from .street import Street
from .textures import some_fence, some_wall
from .things import bush, gap, tree


def paint_lots(canvas: Canvas, dice: Dice, street: Street) -> None:
    """Paints the lots of both sides from far to near."""
    _paint_end(canvas, dice, street.far)
    for side in (-1, 1):
        edge = abs(street.edge(side))
        nearest = max(street.near, edge * 8 // 10)
        for near, far in ((street.crossing[1], street.far), (nearest, street.crossing[0])):
            while far > near:
                start = max(near, far - dice.between(900, 2000))
                paint_lot = dice.weighted(tuple(_LOTS), tuple(_LOTS.values()))
                paint_lot(canvas, dice, side, edge, (start, far))
                far = start


def _paint_end(canvas: Canvas, dice: Dice, far: int) -> None:
    """The row of houses and trees in which the street ends."""
    identity = canvas.class_id("building")
    x = -6000
    while x < 6000:
        width, height = dice.between(1200, 2600), dice.between(700, 2000)
        canvas.paint_across((x, x + width), far + 600, height, some_facade(dice, height), identity)
        x += width
    for x in range(-5000, 5000, 900):
        if dice.chance(50):
            tree(canvas, dice, x + dice.between(-300, 301), far + 300, 1)


def _house(canvas: Canvas, dice: Dice, side: int, edge: int, z: Point) -> None:
    height, depth = dice.between(600, 1900), dice.between(900, 1600)
    facade, identity = some_facade(dice, height), canvas.class_id("building")
    left, right = sorted((side * edge, side * (edge + depth)))
    canvas.paint_across((left, right), z[0], height, facade, identity)
    canvas.paint_along(side * edge, z, height, facade, identity)


def _walled(canvas: Canvas, dice: Dice, side: int, edge: int, z: Point) -> None:
    _garden(canvas, dice, side, edge, z)
    canvas.paint_along(side * edge, z, dice.between(180, 340), some_wall(dice), canvas.class_id("wall"))


def _fenced(canvas: Canvas, dice: Dice, side: int, edge: int, z: Point) -> None:
    _garden(canvas, dice, side, edge, z)
    height = dice.between(140, 250)
    canvas.paint_along(side * edge, z, height, some_fence(dice, height), canvas.class_id("fence"))


def _hedged(canvas: Canvas, dice: Dice, side: int, edge: int, z: Point) -> None:
    _garden(canvas, dice, side, edge, z)
    for at in range(z[1], z[0], -260):
        bush(canvas, dice, side * (edge + 60), at, side)


def _garden(canvas: Canvas, dice: Dice, side: int, edge: int, z: Point) -> None:
    """What shows behind a wall or a fence: perhaps a house, and trees."""
    if dice.chance(50):
        _house(canvas, dice, side, edge + dice.between(900, 1500), z)
    for at in range(z[1], z[0], -500):
        plant = dice.pick((tree, tree, bush, gap))
        if plant:
            plant(canvas, dice, side * (edge + dice.between(280, 600)), at, side)


_LOTS = {_house: 42, _walled: 24, _fenced: 24, _hedged: 10}  # in percent

"""What stands along both sides of a street and at its end: houses, walls, fences and gardens.

Every lot begins at x, the signed distance of its front from the camera, and reaches away from the street.
"""

from .canvas import Canvas
from .dice import Dice
from .facade import some_facade
from .shapes import Point
from .street import Street
from .textures import some_fence, some_wall
from .things import bush, gap, tree


def paint_lots(canvas: Canvas, dice: Dice, street: Street) -> None:
    """Paints the end of the street, then the lots of both sides from far to near."""
    _paint_end(canvas, dice, street.far)
    for x in (street.edge(-1), street.edge(1)):
        nearest = max(street.near, abs(x) * 8 // 10)
        for near, far in ((street.crossing[1], street.far), (nearest, street.crossing[0])):
            while far > near:
                start = max(near, far - dice.between(900, 2000))
                paint_lot = dice.weighted(list(_LOTS), list(_LOTS.values()))
                paint_lot(canvas, dice, x, (start, far))
                far = start


def _paint_end(canvas: Canvas, dice: Dice, far: int) -> None:
    """A row of houses and trees."""
    building = canvas.class_id("building")
    x = -3500
    while x < 3500:
        width, height = dice.between(1200, 2600), dice.between(700, 2000)
        canvas.paint_across((x, x + width), far + 600, height, some_facade(dice, height), building)
        x += width
    for x in range(-4000, 4000, 800):
        dice.pick((tree, gap))(canvas, dice, x + dice.between(-300, 300), far + 300)


def _house(canvas: Canvas, dice: Dice, x: int, z: Point) -> None:
    height = dice.between(600, 1900)
    facade, building = some_facade(dice, height), canvas.class_id("building")
    left, right = sorted((x, _behind(x, dice.between(900, 1600))))
    canvas.paint_across((left, right), z[0], height, facade, building)
    canvas.paint_along(x, z, height, facade, building)


def _walled(canvas: Canvas, dice: Dice, x: int, z: Point) -> None:
    _garden(canvas, dice, x, z)
    canvas.paint_along(x, z, dice.between(180, 340), some_wall(dice), canvas.class_id("wall"))


def _fenced(canvas: Canvas, dice: Dice, x: int, z: Point) -> None:
    _garden(canvas, dice, x, z)
    height = dice.between(140, 250)
    canvas.paint_along(x, z, height, some_fence(dice, height), canvas.class_id("fence"))


def _hedged(canvas: Canvas, dice: Dice, x: int, z: Point) -> None:
    _garden(canvas, dice, x, z)
    for at in range(z[1], z[0], -260):
        bush(canvas, dice, _behind(x, 60), at)


def _garden(canvas: Canvas, dice: Dice, x: int, z: Point) -> None:
    """What shows over a wall or through a fence: perhaps a house, and plants."""
    if dice.chance(50):
        _house(canvas, dice, _behind(x, dice.between(900, 1500)), z)
    for at in range(z[1], z[0], -500):
        plant = dice.pick((tree, tree, bush, gap))
        plant(canvas, dice, _behind(x, dice.between(280, 600)), at)


def _behind(x: int, distance: int) -> int:
    return x + distance if x > 0 else x - distance


_LOTS = {_house: 42, _walled: 24, _fenced: 24, _hedged: 10}  # how often, in percent

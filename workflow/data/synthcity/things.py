"""Things that stand or move in a street: each function paints one of them, or a small group."""

from collections.abc import Callable

from . import figures, furniture
from .canvas import Canvas
from .colors import scaled, some_color
from .dice import Dice
from .placement import AWAY, LEFTWARD, RIGHTWARD, TOWARD, Heading
from .shapes import Model
from .textures import LEAVES, some_fence

Thing = Callable[[Canvas, Dice, int, int], None]
"""Paints itself with its near end at (x, z)."""

Builder = Callable[[Dice], Model]

_ROUND_CROWN = ((0, 0, 100), (-70, -30, 72), (72, -24, 70), (-30, 52, 70), (38, 50, 66), (0, -48, 74))
_SLENDER_CROWN = ((0, -110, 64), (6, -60, 70), (-5, 0, 72), (4, 60, 62), (0, 115, 48))
_NEARLY_AWAY = (AWAY, AWAY, Heading(1, 12, 12), Heading(-1, 12, 12))
_SIDEWAYS = (RIGHTWARD, LEFTWARD)
_MORE_OR_LESS_SIDEWAYS = (RIGHTWARD, LEFTWARD, Heading(3, 4, 5), Heading(-3, 4, 5), Heading(4, 3, 5))
_TWO_WHEELER_SCALE = 108  # percent


def _vehicle(canvas: Canvas, name: str, model: Model, x: int, z: int, heading: Heading) -> None:
    """Paints a vehicle with its shadow; x is its middle line if it drives along the street, else its left end."""
    corners = [corner for group in model for face in group for corner in face.corners]
    length, half = max(along for along, _, _ in corners), max(side for _, _, side in corners)
    if abs(heading.ahead) > abs(heading.right):
        canvas.paint_shadow((x - half - 12, x + half + 12), (z - 10, z + length))
        start = x, z if heading.ahead > 0 else z + length
    else:
        canvas.paint_shadow((x, x + length), (z - half - 12, z + half + 12))
        start = x if heading.right > 0 else x + length, z
    canvas.paint_model(model, canvas.new_id(name), *start, heading)


def driving(name: str, build: Builder, headings: tuple[Heading, ...] = (AWAY,)) -> Thing:
    """A vehicle in its lane: with one of the headings right of the camera, oncoming on the left."""

    def thing(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
        _vehicle(canvas, name, build(dice), x + dice.between(-25, 25), z, dice.pick(headings) if x >= 0 else TOWARD)

    return thing


def driving_car(build: Builder) -> Thing:
    """A car in its lane, perhaps changing it."""
    return driving("car", build, _NEARLY_AWAY)


def parked(name: str, build: Builder) -> Thing:
    """A vehicle at the curb, facing either way."""

    def thing(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
        _vehicle(canvas, name, build(dice), x + dice.between(-12, 12), z, dice.pick((AWAY, TOWARD)))

    return thing


def crossing(name: str, build: Builder) -> Thing:
    """A vehicle that crosses the picture."""

    def thing(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
        _vehicle(canvas, name, build(dice), x, z, dice.pick(_SIDEWAYS))

    return thing


def person(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A grown-up or a child."""
    build = dice.pick((figures.walker, figures.stander))
    percent = dice.between(55, 85) if dice.chance(16) else dice.between(92, 112)
    canvas.paint_shadow((x - 30, x + 34), (z - 8, z + 24))
    canvas.paint_model(build(dice), canvas.new_id("person"), x, z, dice.pick(_SIDEWAYS), percent)


def people(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """Two or three persons side by side."""
    for number in range(dice.between(2, 3)):
        person(canvas, dice, x + (number - 1) * dice.between(45, 75), z - 15 * number)


def ridden(name: str, side: tuple[Builder, Builder], end: tuple[Builder, Builder]) -> Thing:
    """A two-wheeler and its rider, seen from the side or from an end."""

    def thing(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
        canvas.paint_shadow((x - 50, x + 50), (z - 10, z + 30))
        builders, headings = dice.pick(((side, _MORE_OR_LESS_SIDEWAYS), (end, _SIDEWAYS)))
        heading = dice.pick(headings)
        for class_name, build in zip((name, "rider"), builders, strict=True):
            canvas.paint_model(build(dice), canvas.new_id(class_name), x, z, heading, _TWO_WHEELER_SCALE)

    return thing


cyclist = ridden(
    "bicycle",
    side=(figures.bicycle_side, figures.cyclist_side),
    end=(figures.bicycle_end, figures.rider_end),
)
motorcyclist = ridden(
    "motorcycle",
    side=(figures.motorcycle_side, figures.motorcyclist_side),
    end=(figures.motorcycle_end, figures.rider_end),
)


def parked_bicycle(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A bicycle without a rider."""
    model = figures.bicycle_side(dice)
    canvas.paint_model(model, canvas.new_id("bicycle"), x, z, dice.pick(_SIDEWAYS), _TWO_WHEELER_SCALE)


def bicycle_rack(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """Bicycles that nobody could tell apart: a region without instances, as in Cityscapes."""
    for number in range(dice.between(3, 5), 0, -1):
        at = x + dice.between(-20, 20), z + number * 28
        model = figures.bicycle_side(dice)
        canvas.paint_model(model, canvas.class_id("bicycle"), *at, dice.pick(_SIDEWAYS), _TWO_WHEELER_SCALE)


def parked_motorcycle(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A motorcycle without a rider."""
    canvas.paint_shadow((x - 90, x + 90), (z - 10, z + 30))
    model = figures.motorcycle_side(dice)
    canvas.paint_model(model, canvas.new_id("motorcycle"), x, z, dice.pick(_SIDEWAYS), _TWO_WHEELER_SCALE)


def tree(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A tree with a round or a slender crown."""
    crown, radius, lift = dice.weighted(
        ((_ROUND_CROWN, dice.between(130, 230), 90), (_SLENDER_CROWN, dice.between(110, 200), 170)), (3, 1)
    )
    stem, vegetation, color = dice.between(180, 260), canvas.class_id("vegetation"), some_color(dice, LEAVES)
    canvas.paint_shadow((x - radius, x + radius), (z - 40, z + radius))
    canvas.paint_model(furniture.trunk(dice, stem + radius), vegetation, x, z)
    center = stem + radius * lift // 100
    for right, up, size in crown:
        at = x + right * radius // 100, center + up * radius // 100, z
        canvas.paint_foliage(*at, size * radius // 100, color, vegetation)


def bush(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """One to three low bushes."""
    color = scaled(some_color(dice, LEAVES), 920)
    for number in range(dice.between(1, 3)):
        radius = dice.between(45, 100)
        canvas.paint_foliage(x + number * 60 - 60, radius * 7 // 10, z, radius, color, canvas.class_id("vegetation"))


def street_lamp(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A lamp over the street."""
    canvas.paint_model(furniture.street_lamp(dice), canvas.class_id("pole"), x, z, _from_the_street(x))


def bollard(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A short post at the curb."""
    canvas.paint_model(furniture.post(dice, dice.between(85, 115), 16), canvas.class_id("pole"), x, z)


def traffic_sign(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """One or two signs on a pole."""
    height = dice.between(250, 330)
    canvas.paint_model(furniture.post(dice, height, 12), canvas.class_id("pole"), x, z)
    for number in range(dice.between(1, 2)):
        sign = furniture.traffic_sign(dice, height - 34 - 92 * number)
        canvas.paint_model(sign, canvas.class_id("traffic sign"), x, z)


def traffic_light(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A signal on a pole; some have a second one on an arm over the street."""
    pole, light = canvas.class_id("pole"), canvas.class_id("traffic light")
    tall, reach = dice.chance(50), dice.between(180, 330)
    canvas.paint_model(furniture.post(dice, 590 if tall else 340, 18), pole, x, z)
    if tall:
        canvas.paint_model(furniture.arm(dice, reach, 580), pole, x, z, _from_the_street(x))
        canvas.paint_model(furniture.traffic_light(dice, 490), light, x - reach if x > 0 else x + reach, z)
    canvas.paint_model(furniture.traffic_light(dice, 230), light, x, z)


def container(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """Something fixed that no class covers."""
    canvas.paint_model(furniture.container(dice), canvas.class_id("static"), x, z)


def dog(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """Something that moves and that no class covers."""
    canvas.paint_model(furniture.dog(dice), canvas.class_id("dynamic"), x, z, dice.pick(_SIDEWAYS))


def railing(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """A low fence along the curb."""
    height = dice.between(95, 130)
    extent = z, z + dice.between(500, 1000)
    canvas.paint_along(x, extent, height, some_fence(dice, height), canvas.class_id("fence"))


def gap(canvas: Canvas, dice: Dice, x: int, z: int) -> None:
    """Nothing."""


def _from_the_street(x: int) -> Heading:
    """The heading whose negative direction is toward the middle of the street."""
    return RIGHTWARD if x > 0 else LEFTWARD

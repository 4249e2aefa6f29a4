"""Models of motor vehicles and trams, in centimeters; along runs from the rear bumper to the front."""

from typing import NamedTuple

from .colors import Rgb, scaled, some_color
from .dice import Dice
from .shapes import Group, Model, Part, Point, bar, box, disc, front_panels, mirrored, rear_panels, side_panels, slab

_PAINT = (
    (182, 186, 190), (40, 42, 46), (232, 232, 230), (104, 108, 114), (150, 34, 34),
    (42, 66, 124), (84, 100, 90), (176, 150, 110), (58, 110, 150),
)  # fmt: skip
_LIVERY = ((206, 160, 34), (178, 44, 40), (52, 116, 90), (226, 224, 216), (60, 96, 160))
_TRAM_LIVERY = ((196, 42, 36), (222, 200, 120), (36, 120, 76), (214, 214, 210), (220, 120, 30))
_CARGO = ((224, 224, 220), (196, 198, 200), (60, 90, 140), (170, 60, 44), (110, 130, 90), (206, 178, 70))
_GLASS = ((44, 54, 64), (66, 80, 92), (30, 36, 42))
_CARAVAN = ((228, 226, 216), (214, 210, 196))
_BAND = ((232, 230, 222), (60, 62, 66))
_TYRE, _HUB, _CHASSIS, _DISPLAY, _LETTERS = (26, 26, 28), (138, 140, 142), (34, 34, 36), (26, 26, 24), (246, 184, 60)
_TAIL_LAMP, _HEAD_LAMP, _PLATE, _BUMPER = (196, 24, 24), (246, 244, 226), (222, 222, 214), (200, 40, 34)


class _CarBody(NamedTuple):
    """Measures of a kind of car."""

    length: Point  # from, to
    waist: int  # height of the window sills
    top: Point  # from, to
    rear: Point  # of cabin and roof: from the rear bumper
    front: Point  # of cabin and roof: from the front bumper


_CAR_BODIES = (
    _CarBody((370, 420), 88, (142, 152), (8, 40), (110, 190)),  # hatchback
    _CarBody((430, 480), 86, (138, 146), (64, 126), (130, 210)),  # saloon
    _CarBody((430, 470), 90, (146, 160), (6, 30), (120, 200)),  # estate
    _CarBody((470, 490), 104, (186, 196), (4, 14), (78, 130)),  # van
)


def _wheels(half_width: int, radius: int, *places: int) -> Group:
    """Wheels on both sides at these places along the vehicle."""
    rings = ((_TYRE, radius), (_HUB, radius * 6 // 10), (_TYRE, radius // 5))
    return side_panels(half_width, *((color, disc((along, radius), r)) for along in places for color, r in rings))


def _lamps(color: Rgb, half_width: int, up: Point) -> list[Part]:
    """A pair of lamps at an end."""
    return mirrored((color, box((half_width - 34, half_width - 6), up)))


def car(dice: Dice) -> Model:
    """A hatchback, saloon, estate or van."""
    body = dice.pick(_CAR_BODIES)
    paint, glass = some_color(dice, _PAINT, 20), some_color(dice, _GLASS, 8)
    length, top, waist, half = dice.between(*body.length), dice.between(*body.top), body.waist, dice.between(84, 92)
    rear, roof_rear = body.rear
    front, roof_front = (length - distance for distance in body.front)
    middle, inner = (rear + front) // 2, half - 10
    hull = ((0, 36), (30, 26), (length - 30, 26), (length, 40), (length - 6, 70), (front, waist), (4, waist))
    cabin = ((rear, waist), (front, waist), (roof_front, top - 6), (roof_rear, top - 6))
    pillars = ((rear, roof_rear), (middle, middle), (front, roof_front))
    return (
        slab(_CHASSIS, half - 8, box((20, length - 20), (16, 50)))
        + slab(paint, half, hull)
        + slab(glass, inner, cabin)
        + slab(paint, inner - 2, box((roof_rear - 4, roof_front + 6), (top - 8, top)))
        + side_panels(inner, *((paint, bar((foot, waist), (head, top - 4), 11)) for foot, head in pillars))
        + side_panels(
            half,
            (scaled(paint, 820), box((20, length - 20), (50, 54))),
            (scaled(paint, 700), box((middle - 2, middle + 1), (34, waist))),
        )
        + _wheels(half, 32, 74, length - 82)
        + rear_panels(
            0,
            *_lamps(_TAIL_LAMP, half, (62, 82)),
            (_CHASSIS, box((-half + 8, half - 8), (28, 44))),
            (_PLATE, box((-26, 26), (50, 61))),
        )
        + front_panels(
            length,
            *_lamps(_HEAD_LAMP, half, (56, 72)),
            (_CHASSIS, box((-42, 42), (46, 64))),
            (_PLATE, box((-26, 26), (34, 45))),
        ),
    )


def truck(dice: Dice) -> Model:
    """A lorry: a box body, and a cab."""
    paint, cargo, glass = some_color(dice, _PAINT, 20), some_color(dice, _CARGO, 16), some_color(dice, _GLASS, 8)
    half, length, top = dice.between(112, 126), dice.between(620, 900), dice.between(290, 370)
    cab = length - dice.between(165, 215)  # its rear
    back, head = cab - 25, min(top - 20, dice.between(255, 290))
    stripe = (some_color(dice, _CARGO, 16), box((30, back - 30), dice.pick(((170, 240), (top - 90, top - 40)))))
    ribs = [(scaled(cargo, 860), box((along, along + 5), (104, top - 4))) for along in range(60, back - 20, 90)]
    hinges = [(scaled(cargo, 760), box((-half + 8, half - 8), (up, up + 6))) for up in (150, top - 60)]
    body = (
        slab(_CHASSIS, half - 25, box((0, length - 40), (55, 100)))
        + slab(cargo, half, box((0, back), (100, top)))
        + side_panels(half, *ribs, stripe)
        + rear_panels(
            0,
            (scaled(cargo, 700), box((-2, 2), (104, top - 6))),
            *hinges,
            (_BUMPER, box((-half + 4, half - 4), (84, 96))),
            *_lamps(_TAIL_LAMP, half, (66, 82)),
        )
        + _wheels(half - 4, 50, 90, 195)
    )
    half -= 4
    window = ((cab + 50, 165), (length - 16, 165), (length - 30, head - 30), (cab + 50, head - 30))
    windshield = ((12 - half, 168), (half - 12, 168), (half - 18, head - 26), (18 - half, head - 26))
    cabin = (
        slab(paint, half, ((cab, 55), (length, 50), (length, 160), (length - 22, head), (cab, head)))
        + side_panels(half, (glass, window))
        + front_panels(
            length,
            (glass, windshield),
            (scaled(paint, 620), box((22 - half, half - 22), (90, 150))),
            *_lamps(_HEAD_LAMP, half, (62, 84)),
        )
        + _wheels(half, 50, (cab + length) // 2 - 10)
    )
    return body, cabin


def bus(dice: Dice) -> Model:
    """A city bus: one long box with a band of windows and two doors."""
    paint, glass = some_color(dice, _LIVERY, 18), some_color(dice, _GLASS, 8)
    skirt = some_color(dice, (*_LIVERY, (90, 92, 96)), 14)
    length, half, top = dice.between(900, 1220), 126, dice.between(296, 322)
    pillars = [(scaled(paint, 900), box((a, a + 9), (142, 248))) for a in range(130, length - 60, 145)]
    doors: list[Part] = []
    for along in (length - 130, length // 2):
        doors.append((scaled(glass, 800), box((along, along + 96), (46, 250))))
        doors.append((skirt, box((along + 45, along + 51), (46, 250))))
    display = (_DISPLAY, box((-half + 24, half - 24), (262, 292))), (_LETTERS, box((-half + 50, half - 60), (268, 286)))
    lower = (skirt, box((-half, half), (34, 96)))
    return (
        slab(paint, half, ((0, 34), (length, 34), (length, 190), (length - 16, top), (0, top)))
        + side_panels(half, (skirt, box((0, length), (34, 96))), (glass, box((26, length - 24), (142, 248))))
        + side_panels(half, *pillars, *doors)
        + _wheels(half, 48, 190, length - 260)
        + rear_panels(
            0, lower, (glass, box((14 - half, half - 14), (160, 250))), *display, *_lamps(_TAIL_LAMP, half, (64, 104))
        )
        + front_panels(
            length,
            lower,
            (glass, box((14 - half, half - 14), (120, 250))),
            *display,
            *_lamps(_HEAD_LAMP, half, (62, 82)),
        ),
    )


def tram(dice: Dice) -> Model:
    """A tram of two or three cars, joined by bellows."""
    paint, glass = some_color(dice, _TRAM_LIVERY, 18), some_color(dice, _GLASS, 8)
    band = some_color(dice, _BAND, 10)
    cars, length, gap, half = dice.between(2, 3), dice.between(680, 820), 40, 122
    groups = []
    for number in range(cars):
        rear = number * (length + gap)
        front = rear + length
        first, last = number == 0, number == cars - 1
        group = _tram_car(paint, glass, band, half, (rear, front), (60 * first, 60 * last))
        if first:
            group += rear_panels(rear, *_tram_lower_end(band, _TAIL_LAMP, half))
            group += rear_panels(rear + 30, *_tram_upper_end(glass, _TAIL_LAMP, half))
        if last:
            group += front_panels(front, *_tram_lower_end(band, _HEAD_LAMP, half))
            group += front_panels(front - 30, *_tram_upper_end(glass, _HEAD_LAMP, half))
        else:
            groups.append(slab(_CHASSIS, half - 8, box((front, front + gap), (20, 322))))
        groups.append(group)
    return tuple(groups)


def _tram_car(paint: Rgb, glass: Rgb, band: Rgb, half: int, along: Point, slant: Point) -> Group:
    """One car from `along[0]` to `along[1]`; its roof begins and ends `slant` further in."""
    (rear, front), middle, top = along, sum(along) // 2, 338
    hull = ((rear, 30), (front, 30), (front, 140), (front - slant[1], top), (rear + slant[0], top), (rear, 140))
    pillars = [(paint, box((a, a + 12), (152, 270))) for a in range(rear + 150, front - 100, 170)]
    return (
        slab(_CHASSIS, half - 30, box((rear + 30, front - 30), (12, 60)))
        + slab(paint, half, hull)
        + side_panels(
            half,
            (band, box((rear, front), (96, 150))),
            (glass, box((rear + 50 + slant[0], front - 50 - slant[1]), (152, 270))),
            *pillars,
            (scaled(glass, 800), box((middle - 60, middle + 60), (40, 272))),
        )
        + slab(scaled(band, 800), half - 40, box((rear + 160, front - 160), (top, top + 34)))
    )


def _tram_lower_end(band: Rgb, lamp: Rgb, half: int) -> list[Part]:
    return [(band, box((-half, half), (96, 136))), *_lamps(lamp, half - 10, (62, 86))]


def _tram_upper_end(glass: Rgb, lamp: Rgb, half: int) -> list[Part]:
    return [
        (glass, ((14 - half, 150), (half - 14, 150), (half - 26, 268), (26 - half, 268))),
        (_DISPLAY, box((-60, 60), (282, 316))),
        (_LETTERS, box((-44, 44), (288, 310))),
        (lamp, disc((0, 320), 9)),
    ]


def caravan(dice: Dice) -> Model:
    """A touring caravan."""
    half, length, top = 108, dice.between(420, 560), 250
    paint, glass = some_color(dice, _CARAVAN, 8), some_color(dice, _GLASS, 8)
    return (
        slab(paint, half, ((0, 45), (length, 45), (length, 120), (length - 70, top), (30, top), (0, 150)))
        + side_panels(
            half, (glass, box((60, 180), (140, 205))), (some_color(dice, _PAINT, 8), box((0, length), (95, 108)))
        )
        + rear_panels(0, (glass, box((-70, 70), (140, 205))), *_lamps(_TAIL_LAMP, half, (66, 84)))
        + _wheels(half, 32, length // 2),
    )

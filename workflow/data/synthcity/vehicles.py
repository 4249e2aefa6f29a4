"""Models of motor vehicles and trams, in centimeters; along runs from the rear bumper to the front."""

import numpy as np

from .colors import Rgb, pick, scaled
from .shapes import Group, Model, Point, box, disc, end, limb, sides, slab

PAINT = (
    (182, 186, 190), (40, 42, 46), (232, 232, 230), (104, 108, 114), (150, 34, 34),
    (42, 66, 124), (84, 100, 90), (176, 150, 110), (58, 110, 150),
)  # fmt: skip
LIVERY = ((206, 160, 34), (178, 44, 40), (52, 116, 90), (226, 224, 216), (60, 96, 160))
TRAM_LIVERY = ((196, 42, 36), (222, 200, 120), (36, 120, 76), (214, 214, 210), (220, 120, 30))
CARGO = ((224, 224, 220), (196, 198, 200), (60, 90, 140), (170, 60, 44), (110, 130, 90), (206, 178, 70))
GLASS = ((44, 54, 64), (66, 80, 92), (30, 36, 42))
TYRE, HUB, CHASSIS = (26, 26, 28), (138, 140, 142), (34, 34, 36)
TAIL, LAMP, PLATE, INDICATOR = (196, 24, 24), (246, 244, 226), (222, 222, 214), (230, 140, 30)


def _wheels(places: tuple[int, ...], radius: int, half_width: int) -> Group:
    """Wheels on both sides at these places along the vehicle."""
    group: Group = ()
    for along in places:
        for color, size in ((TYRE, radius), (HUB, radius * 6 // 10), (TYRE, radius // 5)):
            group += sides(color, disc((along, radius), size), half_width)
    return group


def _lamps(color: Rgb, along: int, up: tuple[int, int], half_width: int, front: bool) -> Group:
    """A pair of lamps at an end."""
    left, right = (-half_width + 6, -half_width + 34), (half_width - 34, half_width - 6)
    return end(color, box(left, up), along, front) + end(color, box(right, up), along, front)


def car(rng: np.random.Generator) -> Model:
    """A hatchback, saloon or van."""
    paint, glass = pick(rng, PAINT, 20), pick(rng, GLASS, 8)
    kind = rng.integers(4)
    length = (int(rng.integers(370, 420)), int(rng.integers(430, 480)), int(rng.integers(430, 470)), 480)[kind]
    half, waist = int(rng.integers(84, 92)), (88, 86, 90, 104)[kind]
    top = (int(rng.integers(142, 152)), int(rng.integers(138, 146)), int(rng.integers(146, 160)), 192)[kind]
    rear, roof_rear, roof_front, front = (
        (8, 40, length - 190, length - 110),
        (64, 126, length - 210, length - 130),
        (6, 30, length - 200, length - 120),
        (4, 14, length - 130, length - 78),
    )[kind]
    middle, inner = (rear + front) // 2, half - 10
    cabin = ((rear, waist), (front, waist), (roof_front, top - 6), (roof_rear, top - 6))
    group: Group = slab(CHASSIS, box((20, length - 20), (16, 50)), half - 8)
    group += slab(
        paint, ((0, 36), (30, 26), (length - 30, 26), (length, 40), (length - 6, 70), (front, waist), (4, waist)), half
    )
    group += slab(glass, cabin, inner)
    group += slab(paint, box((roof_rear - 4, roof_front + 6), (top - 8, top)), inner - 2)
    for start, stop in (
        ((rear, waist), (roof_rear, top - 4)),
        ((middle, waist), (middle, top - 4)),
        ((front, waist), (roof_front, top - 4)),
    ):
        group += sides(paint, limb(start, stop, 11), inner)
    group += sides(scaled(paint, 820), box((20, length - 20), (50, 54)), half)
    group += sides(scaled(paint, 700), box((middle - 2, middle + 1), (34, waist)), half)
    group += _wheels((74, length - 82), 32, half)
    group += _lamps(TAIL, 0, (62, 82), half, front=False) + _lamps(LAMP, length, (56, 72), half, front=True)
    group += end(CHASSIS, box((-half + 8, half - 8), (28, 44)), 0, front=False)
    group += end(PLATE, box((-26, 26), (50, 61)), 0, front=False)
    group += end(CHASSIS, box((-42, 42), (46, 64)), length, front=True)
    group += end(PLATE, box((-26, 26), (34, 45)), length, front=True)
    return (group,)


def truck(rng: np.random.Generator) -> Model:
    """A lorry with a box body, a tarpaulin or an open load, and a separate cab."""
    paint, cargo, glass = pick(rng, PAINT, 20), pick(rng, CARGO, 16), pick(rng, GLASS, 8)
    half, cab = int(rng.integers(112, 126)), int(rng.integers(165, 215))
    length, top = int(rng.integers(620, 900)), int(rng.integers(290, 370))
    back = length - cab - 25
    body: Group = slab(CHASSIS, box((0, length - 40), (55, 100)), half - 25)
    body += slab(cargo, box((0, back), (100, top)), half)
    for along in range(60, back - 20, 90):
        body += sides(scaled(cargo, 860), box((along, along + 5), (104, top - 4)), half)
    stripe = (170, 240) if rng.integers(2) else (top - 90, top - 40)
    body += sides(pick(rng, CARGO, 16), box((30, back - 30), stripe), half)
    body += end(scaled(cargo, 700), box((-2, 2), (104, top - 6)), 0, front=False)
    for up in (150, top - 60):
        body += end(scaled(cargo, 760), box((-half + 8, half - 8), (up, up + 6)), 0, front=False)
    body += end((200, 40, 34), box((-half + 4, half - 4), (84, 96)), 0, front=False)
    body += _lamps(TAIL, 0, (66, 82), half, front=False)
    body += _wheels((90, 195), 50, half - 4)
    head = min(top - 20, int(rng.integers(255, 290)))
    cabin: Group = slab(
        paint, ((length - cab, 55), (length, 50), (length, 160), (length - 22, head), (length - cab, head)), half - 4
    )
    cabin += sides(
        glass,
        ((length - cab + 50, 165), (length - 16, 165), (length - 30, head - 30), (length - cab + 50, head - 30)),
        half - 4,
    )
    windshield = ((-half + 16, 168), (half - 16, 168), (half - 22, head - 26), (-half + 22, head - 26))
    cabin += end(glass, windshield, length, front=True)
    cabin += end(scaled(paint, 620), box((-half + 26, half - 26), (90, 150)), length, front=True)
    cabin += _lamps(LAMP, length, (62, 84), half - 6, front=True)
    cabin += _wheels((length - cab // 2 - 10,), 50, half - 4)
    return body, cabin


def bus(rng: np.random.Generator) -> Model:
    """A city bus: one long box with a band of windows."""
    paint, skirt, glass = pick(rng, LIVERY, 18), pick(rng, (*LIVERY, (90, 92, 96)), 14), pick(rng, GLASS, 8)
    length, half, top = int(rng.integers(900, 1220)), 126, int(rng.integers(296, 322))
    group: Group = slab(paint, ((0, 34), (length, 34), (length, 190), (length - 16, top), (0, top)), half)
    group += sides(skirt, box((0, length), (34, 96)), half)
    group += sides(glass, box((26, length - 24), (142, 248)), half)
    for along in range(130, length - 60, 145):
        group += sides(scaled(paint, 900), box((along, along + 9), (142, 248)), half)
    for along in (length - 130, length // 2):
        group += sides(scaled(glass, 800), box((along, along + 96), (46, 250)), half)
        group += sides(skirt, box((along + 45, along + 51), (46, 250)), half)
    group += _wheels((190, length - 260), 48, half)
    for front in (False, True):
        along = length if front else 0
        group += end(skirt, box((-half, half), (34, 96)), along, front)
        group += end(glass, box((-half + 14, half - 14), (120 if front else 160, 250)), along, front)
        group += end((26, 26, 24), box((-half + 24, half - 24), (262, 292)), along, front)
        group += end((246, 184, 60), box((-half + 50, half - 60), (268, 286)), along, front)
    group += _lamps(LAMP, length, (62, 82), half, front=True) + _lamps(TAIL, 0, (64, 104), half, front=False)
    return (group,)


def tram(rng: np.random.Generator) -> Model:
    """A tram of several cars, joined by bellows."""
    paint, glass = pick(rng, TRAM_LIVERY, 18), pick(rng, GLASS, 8)
    band = pick(rng, ((232, 230, 222), (60, 62, 66)), 10)
    count, length, gap, half, top = int(rng.integers(2, 4)), int(rng.integers(680, 820)), 40, 122, 338
    groups: list[Group] = []
    for number in range(count):
        rear, front = number * (length + gap), number * (length + gap) + length
        nose_rear, nose_front = 60 * (number == 0), 60 * (number == count - 1)
        hull: tuple[Point, ...] = (
            (rear, 30),
            (front, 30),
            (front, 140),
            (front - nose_front, top),
            (rear + nose_rear, top),
            (rear, 140),
        )
        group: Group = slab(CHASSIS, box((rear + 30, front - 30), (12, 60)), half - 30)
        group += slab(paint, hull, half)
        group += sides(band, box((rear, front), (96, 150)), half)
        group += sides(glass, box((rear + 50 + nose_rear, front - 50 - nose_front), (152, 270)), half)
        for along in range(rear + 150, front - 100, 170):
            group += sides(paint, box((along, along + 12), (152, 270)), half)
        group += sides(scaled(glass, 800), box((rear + length // 2 - 60, rear + length // 2 + 60), (40, 272)), half)
        group += slab(scaled(band, 800), box((rear + 160, front - 160), (top, top + 34)), half - 40)
        if number == 0:
            group += _face(glass, band, rear, half, front=False)
        if number == count - 1:
            group += _face(glass, band, front, half, front=True)
        else:
            groups.append(slab(CHASSIS, box((front, front + gap), (20, 322)), half - 8))
        groups.append(group)
    return tuple(groups)


def _face(glass: Rgb, band: Rgb, along: int, half: int, front: bool) -> Group:
    """The end of a tram: windshield, line number and three lamps."""
    back = -30 if front else 30
    return (
        end(band, box((-half, half), (96, 136)), along, front)
        + end(glass, ((-half + 14, 150), (half - 14, 150), (half - 26, 268), (-half + 26, 268)), along + back, front)
        + end((30, 28, 26), box((-60, 60), (282, 316)), along + back, front)
        + end((250, 190, 70), box((-44, 44), (288, 310)), along + back, front)
        + _lamps(LAMP if front else TAIL, along, (62, 86), half - 10, front)
        + end(LAMP if front else TAIL, disc((0, 320), 9), along + back, front)
    )


def caravan(rng: np.random.Generator) -> Model:
    """A touring caravan."""
    half, length, top = 108, int(rng.integers(420, 560)), 250
    paint = pick(rng, ((228, 226, 216), (214, 210, 196)), 8)
    group: Group = slab(paint, ((0, 45), (length, 45), (length, 120), (length - 70, top), (30, top), (0, 150)), half)
    group += sides(pick(rng, GLASS, 8), box((60, 180), (140, 205)), half)
    group += sides(pick(rng, PAINT, 8), box((0, length), (95, 108)), half)
    group += end(pick(rng, GLASS, 8), box((-70, 70), (140, 205)), 0, front=False)
    group += _lamps(TAIL, 0, (66, 84), half, front=False)
    return (group + _wheels((length // 2,), 32, half),)

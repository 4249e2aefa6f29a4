"""Models of what stands beside a street, flat and facing the camera, in centimeters."""

import numpy as np

from .colors import Rgb, pick, scaled
from .shapes import Group, Model, box, disc, flat, limb

POST = ((128, 130, 130), (100, 104, 104), (66, 74, 70), (150, 150, 146), (88, 80, 72))
BARK = ((84, 68, 54), (106, 92, 76), (70, 60, 54))
BOX = ((30, 34, 32), (44, 48, 46), (36, 50, 42))
RED, AMBER, GREEN = (226, 36, 30), (240, 172, 30), (40, 200, 96)
SIGN_RED, SIGN_BLUE, SIGN_YELLOW, SIGN_WHITE = (190, 24, 30), (28, 72, 156), (238, 196, 40), (236, 236, 232)


def post(rng: np.random.Generator, height: int, width: int) -> Model:
    """An upright pole, lit from one side."""
    color = pick(rng, POST)
    return (
        flat(color, box((-width // 2, width - width // 2), (0, height)))
        + flat(scaled(color, 720), box((0, width - width // 2), (0, height))),
    )


def street_lamp(rng: np.random.Generator) -> Model:
    """A lamp post with an arm over the street, toward negative along."""
    color, height, reach = pick(rng, POST), int(rng.integers(550, 850)), int(rng.integers(100, 220))
    group: Group = flat(color, box((-9, 9), (0, 110))) + flat(color, box((-7, 7), (100, height)))
    group += flat(scaled(color, 720), box((1, 7), (0, height)))
    group += flat(color, limb((0, height - 6), (-reach, height + 24), 10))
    return (group + flat(scaled(color, 1250), box((-reach - 60, -reach + 10), (height + 16, height + 32))),)


def arm(rng: np.random.Generator, reach: int, up: int) -> Model:
    """A horizontal arm toward negative along."""
    return (flat(pick(rng, POST), box((-reach, 0), (up, up + 12))),)


def trunk(rng: np.random.Generator, height: int) -> Model:
    """The stem of a tree."""
    color = pick(rng, BARK)
    return (
        flat(color, ((-15, 0), (15, 0), (9, height), (-9, height)))
        + flat(scaled(color, 720), ((3, 0), (15, 0), (9, height), (2, height))),
    )


def traffic_light(rng: np.random.Generator, up: int) -> Model:
    """A signal head of three lamps whose lower edge is at `up`."""
    case, lit = pick(rng, BOX, 8), int(rng.integers(3))
    group: Group = flat(case, box((-25, 25), (up, up + 136)))
    for number, color in enumerate((GREEN, AMBER, RED)):
        group += flat(color if number == lit else scaled(color, 260), disc((0, up + 25 + 43 * number), 17))
    return (group,)


def _disc_sign(up: int, rim: Rgb, field: Rgb) -> Group:
    return flat(rim, disc((0, up), 36)) + flat(field, disc((0, up), 27))


def traffic_sign(rng: np.random.Generator, up: int) -> Model:
    """A sign of some kind whose center is at `up`."""
    kind = rng.integers(7)
    if kind == 0:
        group = (
            _disc_sign(up, SIGN_RED, SIGN_WHITE)
            + flat((30, 30, 30), box((-12, -2), (up - 12, up + 12)))
            + flat((30, 30, 30), box((4, 13), (up - 12, up + 12)))
        )
    elif kind == 1:
        group = _disc_sign(up, SIGN_RED, SIGN_RED) + flat(SIGN_WHITE, box((-24, 24), (up - 7, up + 7)))
    elif kind == 2:
        group = _disc_sign(up, SIGN_WHITE, SIGN_BLUE) + flat(SIGN_WHITE, limb((-10, up - 14), (12, up + 14), 9))
    elif kind == 3:
        group = flat(SIGN_RED, ((-42, up - 34), (42, up - 34), (0, up + 40))) + flat(
            SIGN_WHITE, ((-24, up - 24), (24, up - 24), (0, up + 18))
        )
    elif kind == 4:
        group = flat(SIGN_WHITE, ((0, up - 44), (44, up), (0, up + 44), (-44, up))) + flat(
            SIGN_YELLOW, ((0, up - 32), (32, up), (0, up + 32), (-32, up))
        )
    elif kind == 5:
        group = (
            flat(SIGN_BLUE, box((-33, 33), (up - 33, up + 33)))
            + flat(SIGN_WHITE, box((-10, -2), (up - 20, up + 20)))
            + flat(SIGN_WHITE, disc((4, up + 9), 11))
        )
    else:
        field = pick(rng, (SIGN_YELLOW, SIGN_BLUE, SIGN_WHITE), 10)
        text = (30, 30, 30) if sum(field) > 400 else SIGN_WHITE
        group = flat(text, box((-80, 80), (up - 30, up + 30))) + flat(field, box((-76, 76), (up - 26, up + 26)))
        group += flat(text, box((-60, 40), (up + 6, up + 14))) + flat(text, box((-60, 56), (up - 14, up - 6)))
    return (group,)


def container(rng: np.random.Generator) -> Model:
    """A litter bin, a cabinet or an advertising column."""
    color = pick(rng, ((60, 70, 66), (130, 60, 40), (150, 150, 146), (50, 80, 120)), 16)
    width, height = ((25, 95), (50, 130), (62, 290))[rng.integers(3)]
    group: Group = flat(color, box((-width, width), (0, height))) + flat(
        scaled(color, 760), box((width // 3, width), (0, height))
    )
    return (group + flat(scaled(color, 600), box((-width - 3, width + 3), (height - 12, height))),)


def dog(rng: np.random.Generator) -> Model:
    """A dog seen from the side."""
    color = pick(rng, ((92, 66, 44), (40, 36, 34), (190, 170, 140)), 14)
    group: Group = flat(color, box((-34, 30), (32, 54))) + flat(color, limb((-32, 50), (-50, 68), 6))
    for along in (-30, -20, 18, 28):
        group += flat(color, limb((along, 36), (along, 0), 7))
    return (group + flat(color, limb((26, 50), (40, 70), 14)) + flat(color, box((32, 54), (60, 74))),)

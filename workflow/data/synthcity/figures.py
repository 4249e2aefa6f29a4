"""Models of people and two-wheelers, flat like paper figures, in centimeters.

`along` is the direction in which a figure moves across the picture when seen from the side, and its own left or right
when seen from an end.
"""

import numpy as np

from .colors import Rgb, pick, scaled
from .shapes import Group, Model, box, disc, flat, limb, ring

CLOTHES = (
    (38, 42, 54), (120, 30, 34), (54, 74, 120), (150, 148, 140), (84, 92, 60),
    (200, 190, 170), (30, 30, 32), (190, 120, 40), (96, 60, 90), (40, 110, 110),
)  # fmt: skip
TROUSERS = ((40, 46, 66), (30, 30, 32), (86, 80, 70), (64, 74, 92), (120, 110, 92))
SKIN = ((222, 178, 148), (196, 146, 112), (140, 96, 70), (90, 60, 46))
HAIR = ((40, 30, 24), (92, 64, 38), (28, 26, 26), (176, 146, 96), (130, 128, 126))
HELMET = ((220, 220, 216), (30, 30, 34), (180, 30, 36), (220, 190, 40), (40, 80, 160))
FRAME = ((30, 32, 36), (160, 34, 34), (40, 74, 130), (210, 208, 200), (60, 120, 80))
FAIRING = ((170, 30, 30), (30, 32, 36), (36, 70, 150), (40, 110, 60), (210, 120, 30))
RUBBER, METAL, SHOE, TAIL = (24, 24, 26), (120, 122, 126), (34, 30, 28), (200, 30, 30)


def _head(skin: Rgb, cover: Rgb, along: int, up: int) -> Group:
    """A head with hair or a helmet on its upper half."""
    return flat(skin, disc((along, up), 11)) + flat(
        cover, ((along + 12, up + 2), (along + 9, up + 10), (along, up + 14), (along - 9, up + 10), (along - 12, up))
    )


def walker(rng: np.random.Generator) -> Model:
    """A person who walks across the picture."""
    coat, trousers, skin, hair = pick(rng, CLOTHES), pick(rng, TROUSERS), pick(rng, SKIN), pick(rng, HAIR)
    stride, hip = int(rng.integers(8, 34)), 88
    group: Group = flat(scaled(coat, 760), limb((0, 138), (-stride * 2 // 3, 92), 11))
    for foot, knee, color in ((-stride, -stride // 3, scaled(trousers, 800)), (stride, stride * 2 // 3, trousers)):
        group += flat(color, limb((0, hip), (knee, 46), 17)) + flat(color, limb((knee, 50), (foot, 8), 13))
        group += flat(SHOE, box((foot - 8, foot + 16), (0, 9)))
    group += flat(coat, ((-17, 80), (17, 80), (18, 112), (14, 146), (-14, 146), (-18, 112)))
    group += flat(scaled(coat, 860), limb((2, 140), (stride * 2 // 3, 92), 11))
    group += flat(skin, disc((stride * 2 // 3, 89), 5))
    if rng.integers(3) == 0:
        group += flat(pick(rng, CLOTHES), box((-32, -12), (100, 142)))
    return (group + _head(skin, hair, 3, 161),)


def stander(rng: np.random.Generator) -> Model:
    """A person seen from the front or from behind."""
    coat, trousers, skin, hair = pick(rng, CLOTHES), pick(rng, TROUSERS), pick(rng, SKIN), pick(rng, HAIR)
    group: Group = ()
    for sign in (-1, 1):
        group += flat(trousers, limb((sign * 9, 90), (sign * 12, 8), 16)) + flat(
            SHOE, box((sign * 13 - 8, sign * 13 + 8), (0, 9))
        )
        group += flat(scaled(coat, 850), limb((sign * 21, 140), (sign * 27, 90), 12)) + flat(
            skin, disc((sign * 27, 85), 6)
        )
    hem = 60 if rng.integers(3) == 0 else 82
    group += flat(coat, ((-20, hem), (20, hem), (19, 112), (24, 144), (8, 150), (-8, 150), (-24, 144), (-19, 112)))
    group += flat(scaled(coat, 700), box((-1, 1), (hem, 144)))
    return (group + _head(skin, hair, 0, 161),)


def bicycle_side(rng: np.random.Generator) -> Model:
    """A bicycle seen from the side."""
    frame = pick(rng, FRAME)
    rear, front, pedals, bars = (-52, 34), (54, 34), (-4, 30), (42, 94)
    group: Group = ()
    for hub in (rear, front):
        group += flat(None, disc(hub, 36)) + flat(RUBBER, ring(hub, 36, 30)) + flat(METAL, disc(hub, 5))
    for start, stop in (
        (rear, pedals),
        (rear, (-17, 76)),
        (pedals, (-17, 76)),
        ((-17, 76), (38, 80)),
        (pedals, (38, 78)),
        (front, bars),
    ):
        group += flat(frame, limb(start, stop, 6))
    group += flat(None, ((-40, 40), (40, 40), (36, 78), (-17, 76)))
    group += flat(RUBBER, box((-34, -8), (86, 93))) + flat(RUBBER, limb((32, 98), (50, 96), 6))
    return (group + flat(METAL, disc(pedals, 9)),)


def bicycle_end(rng: np.random.Generator) -> Model:
    """A bicycle seen from an end."""
    frame = pick(rng, FRAME)
    group: Group = flat(RUBBER, box((-5, 5), (0, 70))) + flat(frame, box((-4, 4), (60, 96)))
    group += flat(RUBBER, limb((-29, 98), (29, 98), 7)) + flat(RUBBER, box((-11, 11), (88, 94)))
    return (group + flat(TAIL, disc((0, 72), 5)) + flat(METAL, box((-17, 17), (22, 28))),)


def cyclist_side(rng: np.random.Generator) -> Model:
    """The rider of `bicycle_side`."""
    coat, trousers, skin = pick(rng, CLOTHES), pick(rng, TROUSERS), pick(rng, SKIN)
    group: Group = ()
    for knee, foot, color in (((10, 62), (-6, 46), scaled(trousers, 780)), ((22, 64), (2, 24), trousers)):
        group += (
            flat(color, limb((-18, 94), knee, 18))
            + flat(color, limb(knee, foot, 14))
            + flat(SHOE, limb(foot, (foot[0] + 18, foot[1]), 9))
        )
    group += flat(coat, ((-30, 92), (-6, 90), (28, 136), (18, 152), (2, 150)))
    group += flat(scaled(coat, 820), limb((18, 142), (30, 114), 13)) + flat(skin, limb((30, 116), (44, 100), 9))
    return (group + _head(skin, pick(rng, HELMET + HAIR), 30, 163),)


def cyclist_end(rng: np.random.Generator) -> Model:
    """The rider of `bicycle_end` or `motorcycle_end`."""
    coat, trousers, skin = pick(rng, CLOTHES), pick(rng, TROUSERS), pick(rng, SKIN)
    group: Group = ()
    for sign, foot in ((-1, 22), (1, 44)):
        group += flat(trousers, limb((sign * 9, 96), (sign * 16, foot + 20), 17)) + flat(
            trousers, limb((sign * 16, foot + 22), (sign * 13, foot), 13)
        )
        group += flat(SHOE, box((sign * 14 - 7, sign * 14 + 7), (foot - 8, foot + 2)))
        group += flat(scaled(coat, 820), limb((sign * 20, 142), (sign * 29, 102), 12))
    group += flat(coat, ((-17, 88), (17, 88), (23, 142), (8, 152), (-8, 152), (-23, 142)))
    return (group + _head(skin, pick(rng, HELMET + HAIR), 0, 162),)


def motorcycle_side(rng: np.random.Generator) -> Model:
    """A motorcycle seen from the side."""
    paint = pick(rng, FAIRING, 18)
    rear, front = (-68, 32), (70, 32)
    group: Group = flat(RUBBER, disc(rear, 33)) + flat(RUBBER, disc(front, 33))
    group += flat(METAL, disc(rear, 17)) + flat(METAL, disc(front, 17))
    group += flat((66, 66, 70), ((-38, 24), (38, 24), (46, 56), (-30, 60))) + flat(
        METAL, limb((-10, 24), (-86, 30), 10)
    )
    group += flat(METAL, limb(front, (44, 100), 8))
    group += flat(
        paint, ((-34, 56), (44, 52), (64, 74), (50, 104), (30, 112), (-6, 84), (-84, 92), (-88, 82), (-40, 70))
    )
    group += flat(RUBBER, ((-78, 88), (-8, 80), (-4, 88), (-40, 95), (-78, 100)))
    group += (
        flat(RUBBER, limb((34, 112), (46, 120), 7))
        + flat((240, 236, 210), disc((60, 90), 8))
        + flat(TAIL, disc((-86, 86), 6))
    )
    return (group,)


def motorcycle_end(rng: np.random.Generator) -> Model:
    """A motorcycle seen from an end."""
    paint = pick(rng, FAIRING, 18)
    lamp = TAIL if rng.integers(2) else (250, 246, 224)
    group: Group = flat(RUBBER, box((-9, 9), (0, 66))) + flat((66, 66, 70), box((-24, 24), (30, 56)))
    group += flat(paint, ((-16, 50), (16, 50), (24, 84), (14, 106), (-14, 106), (-24, 84)))
    group += (
        flat(RUBBER, limb((-40, 110), (40, 110), 7))
        + flat(METAL, disc((-42, 120), 7))
        + flat(METAL, disc((42, 120), 7))
    )
    return (group + flat(lamp, disc((0, 88), 10)),)


def motorcyclist_side(rng: np.random.Generator) -> Model:
    """The rider of `motorcycle_side`."""
    coat, trousers = pick(rng, CLOTHES), pick(rng, TROUSERS)
    helmet = pick(rng, HELMET)
    group: Group = (
        flat(trousers, limb((-28, 96), (14, 76), 20))
        + flat(trousers, limb((14, 80), (-6, 34), 16))
        + flat(SHOE, limb((-8, 30), (16, 28), 10))
    )
    group += flat(coat, ((-44, 92), (-16, 90), (18, 136), (8, 152), (-8, 150)))
    group += flat(scaled(coat, 820), limb((8, 140), (38, 118), 13))
    return (group + flat(helmet, disc((18, 163), 14)) + flat(RUBBER, box((22, 32), (158, 167))),)

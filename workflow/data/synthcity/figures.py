"""Models of people and two-wheelers, flat like paper figures, in centimeters.

Seen from the side a figure moves along; seen from an end its left and right are along.
"""

from .colors import Rgb, scaled, some_color
from .dice import Dice
from .shapes import Model, Part, bar, box, disc, figure, mirrored, ring

_CLOTHES = (
    (38, 42, 54), (120, 30, 34), (54, 74, 120), (150, 148, 140), (84, 92, 60),
    (200, 190, 170), (30, 30, 32), (190, 120, 40), (96, 60, 90), (40, 110, 110),
)  # fmt: skip
_TROUSERS = ((40, 46, 66), (30, 30, 32), (86, 80, 70), (64, 74, 92), (120, 110, 92))
_SKIN = ((222, 178, 148), (196, 146, 112), (140, 96, 70), (90, 60, 46))
_HAIR = ((40, 30, 24), (92, 64, 38), (28, 26, 26), (176, 146, 96), (130, 128, 126))
_HELMET = ((220, 220, 216), (30, 30, 34), (180, 30, 36), (220, 190, 40), (40, 80, 160))
_FRAME = ((30, 32, 36), (160, 34, 34), (40, 74, 130), (210, 208, 200), (60, 120, 80))
_FAIRING = ((170, 30, 30), (30, 32, 36), (36, 70, 150), (40, 110, 60), (210, 120, 30))
_RUBBER, _METAL, _ENGINE, _SHOE = (24, 24, 26), (120, 122, 126), (66, 66, 70), (34, 30, 28)
_TAIL_LAMP, _HEAD_LAMP = (200, 30, 30), (250, 246, 224)


def _head(skin: Rgb, cover: Rgb, along: int, up: int) -> tuple[Part, Part]:
    """A head with hair or a helmet on its upper half."""
    cap = ((along + 12, up + 2), (along + 9, up + 10), (along, up + 14), (along - 9, up + 10), (along - 12, up))
    return (skin, disc((along, up), 11)), (cover, cap)


def walker(dice: Dice) -> Model:
    """A person who walks across the picture, with or without a bag on the back."""
    coat, trousers, skin = some_color(dice, _CLOTHES), some_color(dice, _TROUSERS), some_color(dice, _SKIN)
    far_trousers, stride = scaled(trousers, 800), dice.between(8, 34)
    reach, hip = stride * 2 // 3, (0, 88)
    bag = (some_color(dice, _CLOTHES), box((-32, -12), (100, 142))), (coat, box((-14, -12), (100, 142)))
    return figure(
        (scaled(coat, 760), bar((0, 138), (-reach, 92), 11)),
        (far_trousers, bar(hip, (-stride // 3, 46), 17)),
        (far_trousers, bar((-stride // 3, 50), (-stride, 8), 13)),
        (_SHOE, box((-stride - 8, -stride + 16), (0, 9))),
        (trousers, bar(hip, (reach, 46), 17)),
        (trousers, bar((reach, 50), (stride, 8), 13)),
        (_SHOE, box((stride - 8, stride + 16), (0, 9))),
        (coat, ((-17, 80), (17, 80), (18, 112), (14, 146), (-14, 146), (-18, 112))),
        (scaled(coat, 860), bar((2, 140), (reach, 92), 11)),
        (skin, disc((reach, 89), 5)),
        bag[0] if dice.chance(33) else bag[1],
        *_head(skin, some_color(dice, _HAIR), 3, 161),
    )


def stander(dice: Dice) -> Model:
    """A person seen from the front or from behind, in a jacket or a long coat."""
    coat, trousers, skin = some_color(dice, _CLOTHES), some_color(dice, _TROUSERS), some_color(dice, _SKIN)
    hem = 60 if dice.chance(33) else 82
    return figure(
        *mirrored(
            (trousers, bar((9, 90), (12, 8), 16)),
            (_SHOE, box((5, 21), (0, 9))),
            (scaled(coat, 850), bar((21, 140), (27, 90), 12)),
            (skin, disc((27, 85), 6)),
        ),
        (coat, ((-20, hem), (20, hem), (19, 112), (24, 144), (8, 150), (-8, 150), (-24, 144), (-19, 112))),
        (scaled(coat, 700), box((-1, 1), (hem, 144))),
        *_head(skin, some_color(dice, _HAIR), 0, 161),
    )


def bicycle_side(dice: Dice) -> Model:
    """A bicycle seen from the side."""
    paint = some_color(dice, _FRAME)
    rear, front, pedals, seat, bars = (-52, 34), (54, 34), (-4, 30), (-17, 76), (42, 94)
    tubes = ((rear, pedals), (rear, seat), (pedals, seat), (seat, (38, 80)), (pedals, (38, 78)), (front, bars))
    wheels = [
        part
        for hub in (rear, front)
        for part in ((None, disc(hub, 36)), (_RUBBER, ring(hub, 36, 30)), (_METAL, disc(hub, 5)))
    ]
    return figure(
        *wheels,
        *((paint, bar(start, stop, 6)) for start, stop in tubes),
        (None, ((-40, 40), (40, 40), (36, 78), seat)),
        (_RUBBER, box((-34, -8), (86, 93))),
        (_RUBBER, bar((32, 98), (50, 96), 6)),
        (_METAL, disc(pedals, 9)),
    )


def bicycle_end(dice: Dice) -> Model:
    """A bicycle seen from an end."""
    return figure(
        (_RUBBER, box((-5, 5), (0, 70))),
        (some_color(dice, _FRAME), box((-4, 4), (60, 96))),
        (_RUBBER, bar((-29, 98), (29, 98), 7)),
        (_RUBBER, box((-11, 11), (88, 94))),
        (_TAIL_LAMP, disc((0, 72), 5)),
        (_METAL, box((-17, 17), (22, 28))),
    )


def cyclist_side(dice: Dice) -> Model:
    """The rider of `bicycle_side`."""
    coat, trousers, skin = some_color(dice, _CLOTHES), some_color(dice, _TROUSERS), some_color(dice, _SKIN)
    far_trousers, hip = scaled(trousers, 780), (-18, 94)
    return figure(
        (far_trousers, bar(hip, (10, 62), 18)),
        (far_trousers, bar((10, 62), (-6, 46), 14)),
        (_SHOE, bar((-6, 46), (12, 46), 9)),
        (trousers, bar(hip, (22, 64), 18)),
        (trousers, bar((22, 64), (2, 24), 14)),
        (_SHOE, bar((2, 24), (20, 24), 9)),
        (coat, ((-30, 92), (-6, 90), (28, 136), (18, 152), (2, 150))),
        (scaled(coat, 820), bar((18, 142), (30, 114), 13)),
        (skin, bar((30, 116), (44, 100), 9)),
        *_head(skin, some_color(dice, _HELMET + _HAIR), 30, 163),
    )


def rider_end(dice: Dice) -> Model:
    """The rider of `bicycle_end` or `motorcycle_end`."""
    coat, trousers, skin = some_color(dice, _CLOTHES), some_color(dice, _TROUSERS), some_color(dice, _SKIN)
    return figure(
        *mirrored((scaled(coat, 820), bar((20, 142), (29, 102), 12))),
        (trousers, bar((-9, 96), (-16, 42), 17)),
        (trousers, bar((-16, 44), (-13, 22), 13)),
        (_SHOE, box((-21, -7), (14, 24))),
        (trousers, bar((9, 96), (16, 64), 17)),
        (trousers, bar((16, 66), (13, 44), 13)),
        (_SHOE, box((7, 21), (36, 46))),
        (coat, ((-17, 88), (17, 88), (23, 142), (8, 152), (-8, 152), (-23, 142))),
        *_head(skin, some_color(dice, _HELMET + _HAIR), 0, 162),
    )


def motorcycle_side(dice: Dice) -> Model:
    """A motorcycle seen from the side."""
    rear, front = (-68, 32), (70, 32)
    fairing = ((-34, 56), (44, 52), (64, 74), (50, 104), (30, 112), (-6, 84), (-84, 92), (-88, 82), (-40, 70))
    return figure(
        (_RUBBER, disc(rear, 33)),
        (_RUBBER, disc(front, 33)),
        (_METAL, disc(rear, 17)),
        (_METAL, disc(front, 17)),
        (_ENGINE, ((-38, 24), (38, 24), (46, 56), (-30, 60))),
        (_METAL, bar((-10, 24), (-86, 30), 10)),
        (_METAL, bar(front, (44, 100), 8)),
        (some_color(dice, _FAIRING, 18), fairing),
        (_RUBBER, ((-78, 88), (-8, 80), (-4, 88), (-40, 95), (-78, 100))),
        (_RUBBER, bar((34, 112), (46, 120), 7)),
        (_HEAD_LAMP, disc((60, 90), 8)),
        (_TAIL_LAMP, disc((-86, 86), 6)),
    )


def motorcycle_end(dice: Dice) -> Model:
    """A motorcycle seen from an end."""
    return figure(
        (_RUBBER, box((-9, 9), (0, 66))),
        (_ENGINE, box((-24, 24), (30, 56))),
        (some_color(dice, _FAIRING, 18), ((-16, 50), (16, 50), (24, 84), (14, 106), (-14, 106), (-24, 84))),
        (_RUBBER, bar((-40, 110), (40, 110), 7)),
        *mirrored((_METAL, disc((42, 120), 7))),
        (dice.pick((_TAIL_LAMP, _HEAD_LAMP)), disc((0, 88), 10)),
    )


def motorcyclist_side(dice: Dice) -> Model:
    """The rider of `motorcycle_side`."""
    coat, trousers = some_color(dice, _CLOTHES), some_color(dice, _TROUSERS)
    return figure(
        (trousers, bar((-28, 96), (14, 76), 20)),
        (trousers, bar((14, 80), (-6, 34), 16)),
        (_SHOE, bar((-8, 30), (16, 28), 10)),
        (coat, ((-44, 92), (-16, 90), (18, 136), (8, 152), (-8, 150))),
        (scaled(coat, 820), bar((8, 140), (38, 118), 13)),
        (some_color(dice, _HELMET), disc((18, 163), 14)),
        (_RUBBER, box((22, 32), (158, 167))),
    )

"""Models of what stands beside a street, flat and facing the camera, in centimeters."""

from .colors import scaled, some_color
from .dice import Dice
from .shapes import Model, Part, bar, box, disc, figure

_POST = ((128, 130, 130), (100, 104, 104), (66, 74, 70), (150, 150, 146), (88, 80, 72))
_BARK = ((84, 68, 54), (106, 92, 76), (70, 60, 54))
_CASE = ((30, 34, 32), (44, 48, 46), (36, 50, 42))
_CONTAINER = ((60, 70, 66), (130, 60, 40), (150, 150, 146), (50, 80, 120))
_FUR = ((92, 66, 44), (40, 36, 34), (190, 170, 140))
_LAMPS = ((40, 200, 96), (240, 172, 30), (226, 36, 30))  # from below
_RED, _BLUE, _YELLOW, _WHITE, _BLACK = (190, 24, 30), (28, 72, 156), (238, 196, 40), (236, 236, 232), (30, 30, 30)

_SIGNS: tuple[tuple[Part, ...], ...] = (
    (  # no entry
        (_RED, disc((0, 0), 36)),
        (_WHITE, box((-24, 24), (-7, 7))),
    ),
    (  # speed limit
        (_RED, disc((0, 0), 36)),
        (_WHITE, disc((0, 0), 27)),
        (_BLACK, box((-12, -2), (-12, 12))),
        (_BLACK, box((4, 13), (-12, 12))),
    ),
    (  # direction to be followed
        (_WHITE, disc((0, 0), 36)),
        (_BLUE, disc((0, 0), 33)),
        (_WHITE, bar((-10, -14), (12, 14), 9)),
    ),
    (  # give way, or a danger
        (_RED, ((-42, -34), (42, -34), (0, 40))),
        (_WHITE, ((-24, -24), (24, -24), (0, 18))),
    ),
    (  # priority road
        (_WHITE, ((0, -44), (44, 0), (0, 44), (-44, 0))),
        (_YELLOW, ((0, -32), (32, 0), (0, 32), (-32, 0))),
    ),
    (  # parking
        (_BLUE, box((-33, 33), (-33, 33))),
        (_WHITE, box((-10, -2), (-20, 20))),
        (_WHITE, disc((4, 9), 11)),
    ),
    *(
        (  # direction of a town
            (text, box((-80, 80), (-30, 30))),
            (field, box((-76, 76), (-26, 26))),
            (text, box((-60, 40), (6, 14))),
            (text, box((-60, 56), (-14, -6))),
        )
        for field, text in ((_YELLOW, _BLACK), (_BLUE, _WHITE), (_WHITE, _BLACK))
    ),
)


def post(dice: Dice, height: int, width: int) -> Model:
    """An upright pole, lit from one side."""
    color, half = some_color(dice, _POST), width // 2
    return figure((color, box((-half, half), (0, height))), (scaled(color, 720), box((0, half), (0, height))))


def street_lamp(dice: Dice) -> Model:
    """A lamp post; its arm reaches toward negative along."""
    color, height, reach = some_color(dice, _POST), dice.between(550, 850), dice.between(100, 220)
    return figure(
        (color, box((-9, 9), (0, 110))),
        (color, box((-7, 7), (100, height))),
        (scaled(color, 720), box((1, 7), (0, height))),
        (color, bar((0, height - 6), (-reach, height + 24), 10)),
        (scaled(color, 1250), box((-reach - 60, -reach + 10), (height + 16, height + 32))),
    )


def arm(dice: Dice, reach: int, up: int) -> Model:
    """A level arm toward negative along."""
    return figure((some_color(dice, _POST), box((-reach, 0), (up, up + 12))))


def trunk(dice: Dice, height: int) -> Model:
    """The trunk of a tree."""
    color = some_color(dice, _BARK)
    return figure(
        (color, ((-15, 0), (15, 0), (9, height), (-9, height))),
        (scaled(color, 720), ((3, 0), (15, 0), (9, height), (2, height))),
    )


def traffic_light(dice: Dice, up: int) -> Model:
    """A signal of three lamps, one of them lit; its lower edge is at `up`."""
    lit = dice.pick(_LAMPS)
    return figure(
        (some_color(dice, _CASE, 8), box((-25, 25), (up, up + 136))),
        *(
            (color if color == lit else scaled(color, 260), disc((0, up + 25 + 43 * number), 17))
            for number, color in enumerate(_LAMPS)
        ),
    )


def traffic_sign(dice: Dice, up: int) -> Model:
    """A sign of some kind; its center is at `up`."""
    return figure(*((color, tuple((a, b + up) for a, b in outline)) for color, outline in dice.pick(_SIGNS)))


def container(dice: Dice) -> Model:
    """A litter bin, a cabinet or an advertising column."""
    color = some_color(dice, _CONTAINER, 16)
    width, height = dice.pick(((25, 95), (50, 130), (62, 290)))
    return figure(
        (color, box((-width, width), (0, height))),
        (scaled(color, 760), box((width // 3, width), (0, height))),
        (scaled(color, 600), box((-width - 3, width + 3), (height - 12, height))),
    )


def dog(dice: Dice) -> Model:
    """A dog seen from the side."""
    color = some_color(dice, _FUR)
    return figure(
        (color, box((-34, 30), (32, 54))),
        (color, bar((-32, 50), (-50, 68), 6)),
        *((color, bar((along, 36), (along, 0), 7)) for along in (-30, -20, 18, 28)),
        (color, bar((26, 50), (40, 70), 14)),
        (color, box((32, 54), (60, 74))),
    )

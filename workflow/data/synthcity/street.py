"""The plan of a street: strips beside each other along z, and where a side street crosses it."""

from typing import NamedTuple

from .dice import Dice

OWN_LANE = 170  # half of the width of the camera's lane in cm


class _Kind(NamedTuple):
    """A kind of strip."""

    name: str
    grounds: tuple[str, ...]  # classes of its ground, one of which it gets
    left: int  # percent of streets that have it left of the camera
    right: int  # the same right of it
    width: tuple[int, int]  # from, to, in cm


_KINDS = (  # from the camera outwards
    _Kind("lane", ("road",), 100, 30, (300, 340)),
    _Kind("tracks", ("rail track",), 65, 25, (290, 320)),
    _Kind("parking", ("road", "road", "parking", "ground"), 50, 50, (205, 230)),
    _Kind("railing", ("sidewalk",), 40, 40, (30, 30)),
    _Kind("verge", ("terrain",), 60, 60, (120, 240)),
    _Kind("sidewalk", ("sidewalk",), 100, 100, (240, 460)),
    _Kind("garden", ("terrain",), 30, 30, (150, 400)),
)


class Strip(NamedTuple):
    """A band of ground on one side of the camera."""

    kind: str
    ground: str  # class
    side: int  # -1: left, 1: right
    inner: int  # distances of its edges from the camera in cm
    outer: int

    @property
    def extent(self) -> tuple[int, int]:
        """World x of its left and right edge."""
        return (self.inner, self.outer) if self.side > 0 else (-self.outer, -self.inner)

    @property
    def center(self) -> int:
        """World x of its middle line."""
        return sum(self.extent) // 2


class Street(NamedTuple):
    """The whole plan; lengths along z in cm."""

    strips: tuple[Strip, ...]  # of both sides, from the outermost to the camera's own lane
    near: int  # only cross traffic stands nearer
    far: int
    crossing: tuple[int, int]  # where the side street begins and ends

    @property
    def cross_traffic(self) -> bool:
        """Whether the camera waits at the side street."""
        return self.near == self.crossing[1]

    def edge(self, side: int) -> int:
        """World x where the lots begin."""
        return side * max(strip.outer for strip in self.strips if strip.side == side)

    def roadway_edge(self, side: int) -> int:
        """World x where the outermost strip of road ends."""
        outers = (strip.outer for strip in self.strips if strip.side == side and strip.ground == "road")
        return side * max(outers, default=OWN_LANE)


def some_street(dice: Dice) -> Street:
    """A street with strips of varied kinds and widths."""
    own_lane = Strip("lane", "road", 1, -OWN_LANE, OWN_LANE)
    strips = [own_lane, *_strips(dice, 1), *_strips(dice, -1)]
    if dice.chance(20):
        near = dice.between(1200, 1700)
        crossing = (100, near)
    else:
        near, start = 520, dice.between(1200, 5000)
        crossing = (start, start + dice.between(700, 1100))
    inwards = sorted(strips, key=lambda strip: -strip.inner)
    return Street(tuple(inwards), near, far=dice.between(5000, 9000), crossing=crossing)


def _strips(dice: Dice, side: int) -> list[Strip]:
    """The strips of one side from the camera's lane outwards."""
    strips = []
    inner = OWN_LANE
    for kind in _KINDS:
        if dice.chance(kind.left if side < 0 else kind.right):
            outer = inner + dice.between(*kind.width)
            strips.append(Strip(kind.name, dice.pick(kind.grounds), side, inner, outer))
            inner = outer
    return strips

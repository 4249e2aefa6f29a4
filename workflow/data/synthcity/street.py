"""The plan of a street: strips beside each other along z, and where side streets cross it."""

from typing import NamedTuple

from .dice import Dice

OWN_LANE = 170  # half of its width in cm

_GROUND = {
    "lane": "road",
    "tracks": "rail track",
    "railing": "sidewalk",
    "verge": "terrain",
    "sidewalk": "sidewalk",
    "garden": "terrain",
}


class Strip(NamedTuple):
    """A band of ground on one side of the camera's lane."""

    kind: str
    ground: str  # class
    side: int  # -1: left, 1: right
    inner: int  # distances of its edges from the camera in cm
    outer: int

    @property
    def center(self) -> int:
        """World x of its middle line."""
        return self.side * (self.inner + self.outer) // 2


class Street(NamedTuple):
    """The whole plan; lengths along z in cm."""

    strips: tuple[Strip, ...]  # of both sides, from the outermost to the camera's own lane
    near: int  # only cross traffic stands nearer
    far: int
    crossing: tuple[int, int]  # where a side street opens

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
    strips = [own_lane, *_side(dice, 1), *_side(dice, -1)]
    if dice.chance(20):
        near = dice.between(1100, 1600)
        crossing = (100, near)
    else:
        near = 520
        start = dice.between(1200, 5000)
        crossing = (start, start + dice.between(700, 1100))
    by_distance = sorted(strips, key=lambda strip: -strip.inner)
    return Street(tuple(by_distance), near, far=dice.between(5000, 9000), crossing=crossing)


def _side(dice: Dice, side: int) -> list[Strip]:
    """The strips from the camera's lane outwards: kind, share in percent of streets that have it, range of width."""
    plan = (
        ("lane", 100 if side < 0 else 30, 300, 340),
        ("tracks", 55 if side < 0 else 20, 290, 320),
        ("parking", 50, 205, 230),
        ("railing", 40, 30, 30),
        ("verge", 60, 120, 240),
        ("sidewalk", 100, 240, 460),
        ("garden", 30, 150, 400),
    )
    strips = []
    inner = OWN_LANE
    for kind, share, narrow, wide in plan:
        if dice.chance(share):
            outer = inner + dice.between(narrow, wide)
            ground = _GROUND.get(kind) or dice.pick(("road", "road", "parking", "ground"))
            strips.append(Strip(kind, ground, side, inner, outer))
            inner = outer
    return strips

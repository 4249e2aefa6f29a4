"""Facades of houses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .colors import scaled, some_color
from .dice import Dice
from .noise import Noise
from .textures import BRICK, CONCRETE, PLASTER, TILES, Material, Surface

_PANE = ((58, 70, 84), (74, 88, 100), (48, 54, 60))
_FRAME = ((226, 222, 212), (96, 82, 70), (180, 176, 170))
_SIGN = ((150, 40, 40), (40, 70, 120), (60, 100, 70), (200, 170, 60), (90, 90, 94))
_PARTS = "wall", "frame", "pane", "shop", "sign", "cornice", "roof"
_INDEX = {part: index for index, part in enumerate(_PARTS)}


@dataclass(frozen=True)
class _Facade:
    """A grid of windows over a ground floor; all lengths in cm."""

    pitch: int  # from window to window
    storey: int
    ground_floor: int  # height
    roof: int  # height of its lower edge
    left: int  # of a window in its pitch
    right: int
    sill: int  # of a window in its storey
    lintel: int
    shops: bool
    bricks: bool
    cornices: bool
    offset: int
    palette: IntArray  # (parts, 3)

    def __call__(self, s: IntArray, t: IntArray, noise: Noise) -> Surface:
        s = s + self.offset
        part = self._part(s, t)
        brightness = 1000 + (noise("clouds", s // 6, t // 6) - 128) * 2 + (noise("grain", s // 8, t // 8) - 128) // 2
        if self.bricks:
            brightness -= ((t % 24 < 5) & (part == _INDEX["wall"])) * np.int32(170)
        pane = noise("grain", s // self.pitch * 5 + 3, (t - self.ground_floor) // self.storey * 11 + self.offset)
        brightness = np.where(part == _INDEX["pane"], 800 + pane * 3, brightness)
        brightness = np.where(part == _INDEX["shop"], 650 + noise("leaves", s // 9, t // 9) * 4, brightness)
        color = self.palette.take(part, axis=0)
        color *= brightness[..., None]
        color //= 1000
        return Surface(color)

    def _part(self, s: IntArray, t: IntArray) -> NDArray[np.uint8]:
        """Index of the part at each place; later lines lie over earlier ones."""
        ds, dt = s % self.pitch, (t - self.ground_floor) % self.storey
        upper = (t >= self.ground_floor) & (t < self.roof - 40)
        in_column = (ds > self.left) & (ds < self.right)
        in_frame = (ds > self.left - 14) & (ds < self.right + 14) & (dt > self.sill - 14) & (dt < self.lintel + 14)
        in_window = in_column & (dt > self.sill) & (dt < self.lintel) & (abs(ds - self.pitch // 2) > 4)
        door = s // self.pitch % 4 == 1
        layers = [
            ("cornice", upper & (dt < 22) & self.cornices),
            ("frame", upper & in_frame),
            ("pane", upper & in_window),
            ("cornice", (t >= self.roof - 40) & (t < self.roof)),
            ("roof", t >= self.roof),
        ]
        if self.shops:
            layers += [
                ("shop", (s % (2 * self.pitch) > 30) & (t > 50) & (t < self.ground_floor - 90)),
                ("sign", (t >= self.ground_floor - 80) & (t < self.ground_floor - 15)),
            ]
        else:
            layers += [("shop", in_column & (t < 230) & door), ("pane", in_column & (t > 110) & (t < 250) & ~door)]
        part = np.zeros(np.broadcast_shapes(s.shape, t.shape), np.uint8)
        for name, where in layers:
            part[np.broadcast_to(where, part.shape)] = _INDEX[name]
        return part


def some_facade(dice: Dice, height: int) -> Material:
    """A facade with its own storeys, windows, shops, cornices, colors and roof."""
    pitch, storey = dice.between(210, 420), dice.between(290, 390)
    width, tall = dice.between(35, 72) * pitch // 100, dice.between(40, 68) * storey // 100
    sill = (storey - tall) * 7 // 10
    bricks = dice.chance(45)
    wall = some_color(dice, BRICK if bricks else PLASTER + CONCRETE, 20)
    pane = some_color(dice, _PANE)
    colors = {
        "wall": wall,
        "frame": some_color(dice, _FRAME),
        "pane": pane,
        "shop": scaled(pane, 900),
        "sign": some_color(dice, _SIGN, 24),
        "cornice": scaled(wall, 1200),
        "roof": some_color(dice, TILES),
    }
    return _Facade(
        pitch=pitch,
        storey=storey,
        ground_floor=dice.between(320, 450),
        roof=height - dice.pick((0, dice.between(120, 300))),
        left=(pitch - width) // 2,
        right=(pitch + width) // 2,
        sill=sill,
        lintel=sill + tall,
        shops=dice.chance(50),
        bricks=bricks,
        cornices=dice.chance(50),
        offset=dice.between(0, 1 << 16),
        palette=np.array([colors[part] for part in _PARTS], np.int32),
    )

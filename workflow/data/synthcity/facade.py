"""Facades of houses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .canvas import Material, Surface
from .colors import pick, scaled
from .noise import Noise
from .textures import BRICK, CONCRETE, PLASTER, TILES

_WINDOW = ((58, 70, 84), (74, 88, 100), (48, 54, 60))
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
            brightness -= np.where((t % 24 < 5) & (part == _INDEX["wall"]), 170, 0)
        pane = noise("grain", s // self.pitch * 5 + 3, (t - self.ground_floor) // self.storey * 11 + self.offset)
        brightness = np.where(part == _INDEX["pane"], 800 + pane * 3, brightness)
        brightness = np.where(part == _INDEX["shop"], 650 + noise("leaves", s // 9, t // 9) * 4, brightness)
        return Surface(self.palette[part] * brightness[..., None] // 1000)

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


def some_facade(rng: np.random.Generator, height: int) -> Material:
    """A facade with its own storeys, windows, shops, cornices, colors and roof."""
    pitch, storey = int(rng.integers(210, 420)), int(rng.integers(290, 390))
    width, tall = int(rng.integers(35, 72)) * pitch // 100, int(rng.integers(40, 68)) * storey // 100
    sill = (storey - tall) * 7 // 10
    shops, bricks, cornices, mansard = rng.integers(0, 2, 4).tolist()
    wall = pick(rng, BRICK if bricks else PLASTER + CONCRETE, 20)
    pane = pick(rng, _WINDOW)
    colors = {
        "wall": wall,
        "frame": pick(rng, _FRAME),
        "pane": pane,
        "shop": scaled(pane, 900),
        "sign": pick(rng, _SIGN, 24),
        "cornice": scaled(wall, 1200),
        "roof": pick(rng, TILES),
    }
    return _Facade(
        pitch=pitch,
        storey=storey,
        ground_floor=int(rng.integers(320, 450)),
        roof=height - mansard * int(rng.integers(120, 300)),
        left=(pitch - width) // 2,
        right=(pitch + width) // 2,
        sill=sill,
        lintel=sill + tall,
        shops=bool(shops),
        bricks=bool(bricks),
        cornices=bool(cornices),
        offset=int(rng.integers(1 << 16)),
        palette=np.array([colors[part] for part in _PARTS], np.int32),
    )

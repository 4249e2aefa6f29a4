"""Materials of ground, walls and fences: color as a function of the place in centimeters."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .colors import Rgb, some_color
from .dice import Dice
from .noise import Noise

ASPHALT = ((88, 88, 92), (104, 102, 102), (74, 76, 82), (116, 112, 108))
PAVING = ((150, 142, 134), (132, 130, 130), (168, 156, 146), (140, 122, 114))
COBBLES = ((112, 106, 100), (98, 96, 98), (128, 114, 104))
PLASTER = (
    (206, 186, 150), (188, 170, 152), (172, 160, 148), (214, 204, 186),
    (190, 146, 112), (150, 150, 150), (196, 176, 110), (142, 112, 100),
)  # fmt: skip
BRICK = ((142, 80, 62), (122, 74, 60), (160, 104, 78), (108, 72, 66))
CONCRETE = ((150, 148, 142), (128, 128, 126), (172, 168, 158))
STONE = ((134, 124, 108), (116, 112, 106), (156, 142, 120), (138, 112, 92))
TILES = ((112, 62, 50), (84, 66, 62), (74, 78, 86), (136, 78, 58))
BARS = ((52, 56, 58), (40, 66, 52), (120, 122, 122), (150, 148, 140))
BOARDS = ((134, 102, 70), (158, 130, 98), (110, 88, 70), (176, 172, 162))
GRASS = ((104, 124, 58), (122, 128, 68), (90, 116, 56), (134, 128, 82))
LEAVES = ((66, 94, 44), (82, 104, 50), (56, 84, 50), (98, 108, 48), (120, 104, 46))


class Surface(NamedTuple):
    """How a textured plane looks at some places."""

    color: IntArray  # (..., 3), not clipped
    solid: NDArray[np.bool_] | bool = True  # where it hides what is behind it


Material = Callable[[IntArray, IntArray, Noise], Surface]
"""Texture of a plane at places (s, t) in centimeters, which broadcast together."""


def _colored(color: Rgb, brightness: IntArray) -> IntArray:
    """The color at every place, with its brightness in thousandths."""
    shaded = brightness[..., None] * np.array(color, np.int32)
    shaded //= 1000
    return shaded


def pavement(color: Rgb, speckle: int, joints: tuple[int, int] | None = None) -> Material:
    """Asphalt, paving or soil: speckled, with stains, and with joints every so many centimeters in s and t."""

    def material(s: IntArray, t: IntArray, noise: Noise) -> Surface:
        brightness = 1000 + (noise("grain", s // 5, t // 9) - 128) * speckle // 128
        brightness += (noise("clouds", s // 7, t // 13) - 128) * 3
        if joints is not None:
            brightness -= ((s % joints[0] < 4) | (t % joints[1] < 6)) * np.int32(160)
        return Surface(_colored(color, brightness))

    return material


def meadow(color: Rgb) -> Material:
    """Grass with drier and greener spots."""

    def material(s: IntArray, t: IntArray, noise: Noise) -> Surface:
        blades = (noise("grain", s // 3, t // 6) - 128) * 2 + (noise("leaves", s // 6, t // 14) - 128) * 4
        dry = (noise("clouds", s // 6, t // 12) - 120) // 3
        return Surface(_colored(color, 1000 + blades) + dry[..., None] * np.array((1, 0, 0), np.int32))

    return material


def masonry(color: Rgb, length: int, course: int, relief: int) -> Material:
    """Stones or bricks in running bond, each with its own brightness."""

    def material(s: IntArray, t: IntArray, noise: Noise) -> Surface:
        row = t // course
        shifted = s + row % 2 * (length // 2)
        brightness = 1000 + (noise("grain", shifted // length, row) - 128) * relief // 128
        brightness += (noise("clouds", s // 4, t // 4) - 128) * 2
        brightness -= ((t % course < 4) | (shifted % length < 4)) * np.int32(220)
        return Surface(_colored(color, brightness))

    return material


def fence(color: Rgb, pitch: int, bar: int, rails: tuple[int, ...], post: int) -> Material:
    """Upright bars `bar` wide every `pitch`, thicker posts every `post`, horizontal rails at some heights."""

    def material(s: IntArray, t: IntArray, noise: Noise) -> Surface:
        posts = s % post < 14
        solid = (s % pitch < bar) | posts
        for rail in rails:
            solid = solid | ((t >= rail) & (t < rail + 9))
        brightness = 1000 + (noise("grain", s // pitch, t // 40) - 128) * 2 - posts * np.int32(160)
        return Surface(_colored(color, np.broadcast_to(brightness, solid.shape)), solid)

    return material


def some_wall(dice: Dice) -> Material:
    """A wall along the street: rubble, bricks or concrete slabs."""
    rubble = masonry(some_color(dice, STONE), dice.between(45, 80), dice.between(22, 36), 260)
    bricks = masonry(some_color(dice, BRICK), 40, 14, 200)
    slabs = masonry(some_color(dice, CONCRETE), 300, 130, 60)
    return dice.pick((rubble, bricks, slabs))


def some_fence(dice: Dice, height: int) -> Material:
    """A fence along the street: iron bars or wooden boards."""
    rails = (20, height - 24)
    iron = fence(some_color(dice, BARS), dice.between(16, 26), dice.between(5, 7), rails, 260)
    wood = fence(some_color(dice, BOARDS), dice.between(18, 26), dice.between(11, 14), rails, 220)
    return dice.pick((iron, wood))

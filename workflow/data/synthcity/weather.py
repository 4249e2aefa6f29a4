"""Light and air of a scene."""

from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .camera import IntArray
from .colors import Rgb, vary
from .dice import Dice

Vector = tuple[int, int, int]


class Weather(NamedTuple):
    """What sun and air do to colors; shares are in thousandths."""

    zenith: Rgb
    horizon: Rgb
    cloud: Rgb
    overcast: int  # 0..255: where the field of clouds is lower, there is cloud
    ambient: int  # share of its color that a surface shows in the shade
    sun: int  # further share that it shows when it faces the sun
    exposure: Vector  # gain of the three channels
    sight: int  # cm at which the air hides half of a color
    sun_direction: Vector = (0, 1000, 0)  # toward the sun (x, y, z)

    def light(self, normal: Vector) -> int:
        """Share of its color that a surface with this outward normal shows."""
        length = isqrt(sum(n * n for n in normal)) or 1
        facing = sum(n * s for n, s in zip(normal, self.sun_direction, strict=True)) // length
        return self.ambient + self.sun * max(0, facing) // 1000

    def seen(self, color: IntArray, light: IntArray | int, depth: IntArray | int) -> NDArray[np.uint8]:
        """Colors (..., 3) in some light, as they arrive through so many cm of air; clipped to 0..255."""
        hidden = depth * 256 // (self.sight + depth)
        mixed = color * (light * (256 - hidden) // 1000)
        # In place: fresh memory for every step takes longer than the arithmetic.
        mixed += np.array(self.horizon, np.int32) * hidden
        mixed >>= 8
        return np.clip(mixed, 0, 255, out=mixed).astype(np.uint8)

    def seen_color(self, color: Rgb, light: int, depth: int) -> Rgb:
        """`seen` for one color, which is much faster."""
        hidden = depth * 256 // (self.sight + depth)
        share = light * (256 - hidden) // 1000
        red, green, blue = (min(255, (c * share + h * hidden) >> 8) for c, h in zip(color, self.horizon, strict=True))
        return red, green, blue


_WEATHERS = (
    Weather((66, 124, 196), (176, 206, 232), (244, 246, 250), 90, 560, 520, (1000, 1000, 1000), 42000),  # fair
    Weather((98, 150, 206), (206, 220, 228), (250, 250, 250), 128, 600, 420, (1020, 1000, 960), 30000),  # cloudy
    Weather((168, 176, 186), (204, 208, 210), (226, 228, 230), 150, 800, 90, (960, 980, 1010), 16000),  # dull
    Weather((134, 142, 156), (190, 194, 198), (160, 166, 176), 140, 700, 120, (880, 900, 950), 12000),  # before rain
    Weather((104, 134, 184), (250, 214, 164), (252, 224, 196), 118, 520, 560, (1080, 980, 850), 24000),  # low sun
    Weather((92, 112, 156), (226, 186, 166), (196, 176, 184), 112, 600, 280, (940, 900, 920), 20000),  # dusk
)
_SUNS = ((-600, 700, -387), (600, 700, -387), (-800, 500, 331), (800, 500, 331), (300, 600, -742))


def some_weather(dice: Dice) -> Weather:
    """One of the table, with its colors and brightness varied."""
    weather = dice.pick(_WEATHERS)
    gain = dice.between(900, 1200)
    red, green, blue = (channel * gain // 1000 for channel in weather.exposure)
    return weather._replace(
        zenith=vary(dice, weather.zenith, 14),
        horizon=vary(dice, weather.horizon, 10),
        overcast=weather.overcast + dice.between(-25, 25),
        exposure=(red, green, blue),
        sun_direction=dice.pick(_SUNS),
    )

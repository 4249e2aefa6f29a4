"""Light and air of a scene."""

from typing import NamedTuple

import numpy as np

from .colors import Rgb, vary


class Weather(NamedTuple):
    """What sun and sky do to colors; shares are in thousandths."""

    zenith: Rgb
    horizon: Rgb
    cloud: Rgb
    overcast: int  # 0..255: the cloud field's values below it are cloud
    ambient: int  # share of its color that a surface shows in shade
    sun: int  # further share that it shows when it faces the sun
    exposure: Rgb  # gain of the three channels
    sight: int  # cm at which the air hides half of a color


WEATHERS = (
    Weather((66, 124, 196), (176, 206, 232), (244, 246, 250), 90, 560, 520, (1000, 1000, 1000), 42000),
    Weather((98, 150, 206), (206, 220, 228), (250, 250, 250), 128, 600, 420, (1020, 1000, 960), 30000),
    Weather((168, 176, 186), (204, 208, 210), (226, 228, 230), 150, 800, 90, (960, 980, 1010), 16000),
    Weather((134, 142, 156), (190, 194, 198), (160, 166, 176), 140, 700, 120, (880, 900, 950), 12000),
    Weather((104, 134, 184), (250, 214, 164), (252, 224, 196), 118, 520, 560, (1080, 980, 850), 24000),
    Weather((92, 112, 156), (226, 186, 166), (196, 176, 184), 112, 600, 280, (940, 900, 920), 20000),
)


def some_weather(rng: np.random.Generator) -> Weather:
    """One of the table, with its colors and brightness varied."""
    weather = WEATHERS[rng.integers(len(WEATHERS))]
    gain = int(rng.integers(900, 1201))
    red, green, blue = (int(channel * gain // 1000) for channel in weather.exposure)
    return weather._replace(
        zenith=vary(rng, weather.zenith, 14),
        horizon=vary(rng, weather.horizon, 10),
        overcast=weather.overcast + int(rng.integers(-25, 26)),
        exposure=(red, green, blue),
    )

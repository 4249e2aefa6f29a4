"""Colors as plain numbers."""

from collections.abc import Sequence

import numpy as np

Rgb = tuple[int, int, int]


def vary(rng: np.random.Generator, color: Rgb, amount: int) -> Rgb:
    """The color with its brightness and each channel moved by up to `amount` and a third of it."""
    brightness = int(rng.integers(-amount, amount + 1))
    tint = rng.integers(-amount // 3, amount // 3 + 1, 3).tolist()
    red, green, blue = (min(255, max(0, c + brightness + t)) for c, t in zip(color, tint, strict=True))
    return red, green, blue


def pick(rng: np.random.Generator, palette: Sequence[Rgb], amount: int = 14) -> Rgb:
    """One color of the palette, varied."""
    return vary(rng, palette[int(rng.integers(len(palette)))], amount)


def scaled(color: Rgb, thousandths: int) -> Rgb:
    """The color made darker or lighter."""
    red, green, blue = (min(255, channel * thousandths // 1000) for channel in color)
    return red, green, blue

"""Colors as plain numbers."""

from collections.abc import Sequence

from .dice import Dice

Rgb = tuple[int, int, int]


def vary(dice: Dice, color: Rgb, amount: int) -> Rgb:
    """The color with its brightness moved by up to `amount`, and each channel by up to a third of that."""
    brightness = dice.between(-amount, amount)
    tint = dice.rng.integers(-amount // 3, amount // 3, 3, endpoint=True).tolist()
    red, green, blue = (min(255, max(0, c + brightness + t)) for c, t in zip(color, tint, strict=True))
    return red, green, blue


def some_color(dice: Dice, palette: Sequence[Rgb], amount: int = 14) -> Rgb:
    """One color of the palette, varied."""
    return vary(dice, dice.pick(palette), amount)


def scaled(color: Rgb, thousandths: int) -> Rgb:
    """The color made darker or lighter."""
    red, green, blue = (min(255, channel * thousandths // 1000) for channel in color)
    return red, green, blue

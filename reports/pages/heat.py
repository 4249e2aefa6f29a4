"""Heat maps: numbers on a scale from 0 to 100 whose shade is their size."""

from collections.abc import Sequence
from dataclasses import dataclass

LEVELS = 10


@dataclass(frozen=True)
class HeatCell:
    """One number."""

    text: str
    level: int | None
    """0 to `LEVELS`; None: without a shade."""
    about: str = ""


@dataclass(frozen=True)
class HeatRow:
    """One row."""

    name: str
    sub: str
    cells: Sequence[HeatCell]


@dataclass(frozen=True)
class HeatMap:
    """One table."""

    caption: str
    corner: str
    """What the rows are."""
    heads: Sequence[str]
    rows: Sequence[HeatRow]


def percent(value: float | None, decimals: int = 1, about: str = "") -> HeatCell:
    """A number from 0 to 100; a dash for None."""
    if value is None:
        return HeatCell("\N{EN DASH}", None, about)
    return HeatCell(f"{value:.{decimals}f}", round(value * LEVELS / 100), about)

"""Random choices as plain Python values."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


class Dice:
    """A seeded source of choices; `rng` serves whole arrays."""

    def __init__(self, seed: Sequence[int]) -> None:
        """Equal seeds give equal choices, on every machine."""
        self.rng = np.random.default_rng(seed)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self.rng.integers(low, high, endpoint=True))

    def chance(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self.between(1, 100) <= percent

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as often as the others."""
        return items[self.between(0, len(items) - 1)]

    def weighted(self, items: Sequence[Item], weights: Sequence[int]) -> Item:
        """One of the items, each in proportion to its weight."""
        chosen = np.searchsorted(np.cumsum(weights), self.between(1, sum(weights)))
        return items[int(chosen)]

"""The rules by which a measurement agrees with a claim, one for each way of checking it; numbers in, numbers out."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from .outcome import Agreement
from .printed import Allowed, exact

MOST_SEEDS = 100
"""Beyond so many trainings nobody asks how many more would decide."""


class Spread(NamedTuple):
    """From seed to seed: the standard deviation, and the degrees of freedom that it was estimated with."""

    deviation: float
    freedom: int


class Prediction(NamedTuple):
    """Where one more training would score, with 95 % probability."""

    mean: Decimal
    half_width: Decimal

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        """Its ends."""
        return self.mean - self.half_width, self.mean + self.half_width


def of_a_number(value: Decimal, allowed: Allowed) -> Agreement:
    """Of a number without noise: the same weights on the same images, a count, a calculation.

    Args:
        value: in the claim's unit.
        allowed: what prints as the claim, with the numerical tolerance.
    """
    return "agrees" if value in allowed else "disagrees"


def pooled(runs: Iterable[Sequence[float]]) -> Spread | None:
    """The spread that runs have in common, each around a mean of its own; None without a run of two seeds.

    Args:
        runs: of each run the scores of its seeds.
    """
    repeated = [scores for scores in runs if len(scores) > 1]
    freedom = sum(len(scores) - 1 for scores in repeated)
    if not freedom:
        return None
    return Spread(math.sqrt(sum((len(s) - 1) * np.var(s, ddof=1) for s in repeated) / freedom), freedom)


def prediction(scores: Sequence[float], spread: Spread) -> Prediction:
    """The 95 % prediction interval for one more training: mean ± t s sqrt(1 + 1/n).

    Args:
        scores: of the seeds of one run.
        spread: pooled over runs that include this one.
    """
    width = _quantile(spread.freedom) * spread.deviation * math.sqrt(1 + 1 / len(scores))
    return Prediction(exact(round(float(np.mean(scores)), 10)), exact(round(float(width), 10)))


def of_seeds(predicted: Prediction, allowed: Allowed, widest: Decimal) -> Agreement:
    """Of trainings with seeds of their own: the authors' number is one more draw.

    Args:
        predicted: from enough seeds, in the claim's unit.
        allowed: what prints as the claim, without a tolerance: the interval is the tolerance.
        widest: half-width up to which an interval says something.
    """
    if not allowed.meets(*predicted.interval):
        return "disagrees"
    return "agrees" if predicted.half_width <= widest else "open"


def more_seeds(num_seeds: int, spread: Spread, widest: float) -> int | None:
    """How many more seeds bring the half-width down to `widest`, if the spread stays as it is.

    Returns:
        None where a hundred would not.
    """
    for num in range(num_seeds + 1, MOST_SEEDS + 1):
        freedom = spread.freedom + num - num_seeds
        if _quantile(freedom) * spread.deviation * math.sqrt(1 + 1 / num) <= widest:
            return num - num_seeds
    return None


def _quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t."""
    # SciPy takes a quarter of a second to import, and most pages have no training of several seeds.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def of_a_difference(value: Decimal, interval: tuple[Decimal, Decimal] | None, within: Allowed) -> Agreement:
    """Of two networks on the same images: first the sign, then the size.

    Args:
        value: in the claim's unit and direction, so that the claimed effect is positive.
        interval: 95 %, paired over images; None where there is none.
        within: the values within half of the claimed effect.

    Returns:
        `agrees` where the interval lies above 0 and the value within the margin; `disagrees` where it lies below 0, or
        above 0 with a value beyond the margin, or where it holds 0 and nothing within the margin; else `open`.
    """
    if interval is None:
        return "open"
    low, high = interval
    if low > 0:
        return "agrees" if value in within else "disagrees"
    if high < 0 or not within.meets(low, high):
        return "disagrees"
    return "open"

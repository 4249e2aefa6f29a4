"""How many times as long one call takes as another, measured in turns."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from .timing import BLOCK, CONFIDENCE, Effort, narrow, seconds_of


class Ratio(NamedTuple):
    """The medians of two calls, and their ratio."""

    medians_ms: tuple[float, float]
    """Of the first and the second."""
    ratio: float
    """Of the second to the first."""
    interval: tuple[float, float]
    pairs: int
    converged: bool


def measure_ratio(
    first: Callable[[], object],
    second: Callable[[], object],
    synchronize: Callable[[], None],
    effort: Effort,
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """Times two calls in turns until the 95 % interval of the ratio is narrower than 2 % of it, or the time is up.

    In turns, what else the machine does falls on both. The interval is that of a percentile bootstrap over pairs.

    Args:
        first: what to divide by.
        second: what to divide.
        synchronize: returns when the device has nothing left to do.
        effort: warm-up and limit; at least one block of pairs is timed.
        clock: seconds.
    """
    calls = (first, second)
    for _ in range(effort.warmup):
        for call in calls:
            call()
    times: list[tuple[float, ...]] = []
    end = clock() + effort.seconds
    while True:
        times.append(tuple(seconds_of(call, synchronize, clock) for call in calls))
        late = len(times) >= BLOCK and clock() >= end
        if late or len(times) % BLOCK == 0:
            ratio, interval = ratio_of_medians(np.array(times))
            if late or narrow(interval, ratio):
                break
    a, b = 1000 * np.median(times, axis=0)
    return Ratio((float(a), float(b)), ratio, interval, len(times), narrow(interval, ratio))


def ratio_of_medians(times: np.ndarray) -> tuple[float, tuple[float, float]]:
    """The ratio of the second column's median to the first's, and its 95 % interval over the rows.

    Args:
        times: shape (pairs, 2), at least two pairs.
    """
    if (times == times[0]).all():  # nothing to draw from, which SciPy warns of
        ratio = float(times[0, 1] / times[0, 0])
        return ratio, (ratio, ratio)
    drawn = stats.bootstrap(
        times.T, _ratio, paired=True, vectorized=True, confidence_level=CONFIDENCE, n_resamples=2000,
        method="percentile", rng=np.random.default_rng(0),
    )  # fmt: skip
    low, high = drawn.confidence_interval
    return float(_ratio(*times.T)), (float(low), float(high))


def _ratio(first: ArrayLike, second: ArrayLike, axis: int = -1) -> np.ndarray:
    return np.median(second, axis=axis) / np.median(first, axis=axis)

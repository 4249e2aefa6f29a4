"""The ratio of the times of two calls, measured in turns."""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .timing import BLOCK, CONFIDENCE, Effort, is_narrow, seconds_of, warm_up

FIRST_CHECK = 30
"""Number of pairs; over fewer the bootstrap's interval is too narrow to rely on."""
RESAMPLES = 2000
DRAWN_AT_ONCE = 200_000
"""Pairs of the bootstrap that are in memory at the same time, which take some megabytes."""


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

    Timing in turns makes other load on the machine affect both calls alike. The interval is a percentile bootstrap over
    blocks of consecutive pairs. It describes this run only: the ratio of another process may lie outside.

    The interval is computed again each time the number of pairs has grown by a tenth, until it is narrow. This makes it
    cover the true ratio slightly less often than 95 %: in simulations of independent calls in 92 to 96 % of runs. With
    calls that drift it is less, but still more than with a bootstrap over single pairs.

    Args:
        first: the call whose time is the divisor.
        second: the call whose time is divided.
        synchronize: returns when the device has finished all its work.
        effort: warm-up and limit; at least ten pairs are timed.
        clock: seconds.
    """
    calls = (first, second)
    warm_up(calls, effort, clock)
    times: list[tuple[float, ...]] = []
    next_check = FIRST_CHECK
    end = clock() + effort.seconds
    while True:
        times.append(tuple(seconds_of(call, synchronize, clock) for call in calls))
        time_is_up = len(times) >= BLOCK and clock() >= end
        if time_is_up or len(times) == next_check:
            ratio, interval = ratio_of_medians(np.array(times))
            if time_is_up or is_narrow(interval, ratio):
                break
            next_check += max(BLOCK, next_check // 10)
    a, b = 1000 * np.median(times, axis=0)
    return Ratio((float(a), float(b)), ratio, interval, len(times), is_narrow(interval, ratio))


def ratio_of_medians(times: NDArray[np.float64]) -> tuple[float, tuple[float, float]]:
    """The ratio of the second column's median to the first's, and its 95 % interval over blocks of consecutive rows.

    Args:
        times: shape (pairs, 2).
    """
    pairs, block = len(times), block_length(len(times))
    starts = np.random.default_rng(0).integers(0, pairs - block + 1, (RESAMPLES, math.ceil(pairs / block)))
    drawn = []
    for chunk in np.array_split(starts, math.ceil(starts.size * block / DRAWN_AT_ONCE)):
        rows = (chunk[..., None] + np.arange(block)).reshape(len(chunk), -1)[:, :pairs]
        drawn.append(_ratio(times[rows]))
    low, high = np.quantile(np.concatenate(drawn), ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(_ratio(times)), (float(low), float(high))


def block_length(pairs: int) -> int:
    """How many consecutive pairs are resampled together, so that slow drifts widen the interval."""
    return round(math.cbrt(pairs))


def _ratio(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the medians over the last but one axis."""
    medians: NDArray[np.float64] = np.median(times, axis=-2)
    return np.divide(medians[..., 1], medians[..., 0])

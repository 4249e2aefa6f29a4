"""The timer and the ratio, on calls whose durations are known: the clock is the test's own."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmseg_plugins.profiling import ratio
from mmseg_plugins.profiling.ratio import measure_ratio, ratio_of_medians
from mmseg_plugins.profiling.timing import Effort, is_narrow, measure_latency, median_interval, warm_up

QUIET = Effort(warmup=3, seconds=1000)


class Clock:
    """Time passes only in the calls that it makes."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def call(self, durations):
        """A call that takes the durations in turn, and starts them again at their end."""
        following = itertools.cycle(durations)

        def run():
            self.now += next(following)

        return run


def nothing():
    pass


def test_steady_call_is_timed_once_around():
    clock = Clock()
    found = measure_latency(clock.call([0.25]), nothing, QUIET, clock)
    assert (found.median_ms, found.interval_ms, found.iqr_ms, found.p95_ms) == (250, (250, 250), 0, 250)
    assert found.converged
    assert found.calls == 10


def test_warm_up_is_not_in_the_numbers():
    clock = Clock()
    durations = iter([9.0, 9.0, 9.0])
    steady = clock.call([0.5])

    def slow_at_first():
        clock.now += next(durations, 0.0)
        steady()

    assert measure_latency(slow_at_first, nothing, QUIET, clock).p95_ms == 500


@pytest.mark.parametrize(("seconds", "calls"), [(0.1, 5), (0.9, 3), (30, 2)])
def test_warm_up_of_slow_calls_is_cut_short(seconds, calls):
    clock, made = Clock(), []
    call = clock.call([seconds])
    warm_up([lambda: made.append("a"), lambda: (made.append("b"), call())], Effort(warmup=5, seconds=20), clock)
    assert "".join(made) == calls * "ab"


def test_device_is_waited_for_before_and_after_a_call():
    clock = Clock()
    pending = []

    def wait():
        while pending:
            clock.now += pending.pop()

    found = measure_latency(lambda: pending.append(0.125), wait, QUIET, clock)
    assert found.median_ms == found.p95_ms == 125


def test_percentile_and_spread_are_those_of_single_calls():
    clock = Clock()
    found = measure_latency(clock.call([0.1] * 9 + [0.2]), nothing, QUIET._replace(warmup=0), clock)
    assert (found.median_ms, found.iqr_ms) == pytest.approx((100, 0))
    assert found.p95_ms > 140


def test_restless_call_is_given_up_when_the_time_is_up_and_says_so():
    clock = Clock()
    found = measure_latency(clock.call([0.1, 0.9]), nothing, Effort(warmup=0, seconds=20), clock)
    assert not found.converged
    assert 40 <= found.calls <= 42
    lonely = measure_latency(clock.call([5.0]), nothing, Effort(warmup=0, seconds=12), clock)
    assert (lonely.calls, lonely.interval_ms, lonely.converged) == (3, None, False)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=40))
def test_it_never_stops_but_for_a_narrow_interval_or_the_time(durations):
    clock = Clock()
    effort = Effort(warmup=0, seconds=30)
    found = measure_latency(clock.call(durations), nothing, effort, clock)
    if found.converged:
        low, high = found.interval_ms
        assert high - low < 0.02 * found.median_ms
    else:
        assert clock.now >= effort.seconds
    assert clock.now < effort.seconds + 1.0001


def test_interval_of_the_median_holds_as_often_as_it_says():
    random = np.random.default_rng(0)
    held = [
        low <= 1 <= high for low, high in (median_interval(random.gamma(1, 1 / np.log(2), 25)) for _ in range(2000))
    ]
    assert 0.95 <= np.mean(held) < 0.98  # at least 95 %: ranks are whole numbers
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]) is None
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == (1, 6)


def test_narrow_is_below_two_percent():
    assert is_narrow((0.99, 1.0099), 1.0)
    assert not is_narrow((0.99, 1.0101), 1.0)
    assert not is_narrow(None, 1.0)


def test_ratio_is_that_of_the_durations_and_calls_take_turns():
    clock = Clock()
    order = []
    first, second = clock.call([0.25]), clock.call([1.0])
    found = measure_ratio(
        lambda: (order.append("a"), first()), lambda: (order.append("b"), second()), nothing, QUIET, clock
    )
    assert found == ((250, 1000), 4, (4, 4), 30, True)
    assert "".join(order) == "ab" * (3 + 30)


def test_slow_pairs_stop_when_the_time_is_up_and_not_at_the_end_of_a_block():
    clock = Clock()
    slow = Effort(warmup=0, seconds=23)
    found = measure_ratio(clock.call([0.1, 0.9]), clock.call([1.3, 1.7, 1.5]), nothing, slow, clock)
    assert (found.pairs, found.converged) == (12, False)
    hurried = measure_ratio(clock.call([1.0]), clock.call([2.0]), nothing, slow._replace(seconds=0), clock)
    assert hurried.pairs == 10, "one block in any case"


def test_interval_is_looked_at_when_the_pairs_have_grown_by_a_tenth(monkeypatch):
    clock, looks = Clock(), []

    def never_narrow(times):
        looks.append(len(times))
        return 2.0, (1.0, 3.0)

    monkeypatch.setattr(ratio, "ratio_of_medians", never_narrow)
    found = measure_ratio(clock.call([0.1]), clock.call([0.2]), nothing, Effort(warmup=0, seconds=300), clock)
    assert found.pairs == looks[-1] >= 1000
    assert looks[:11] == [30, 40, 50, 60, 70, 80, 90, 100, 110, 121, 133]
    assert len(looks) < 40
    assert all(later <= earlier * 1.11 for earlier, later in itertools.pairwise(looks[10:]))


def test_interval_allows_for_what_drifts_within_a_run():
    random = np.random.default_rng(0)

    def drifting(pairs: int) -> np.ndarray:
        noise = random.normal(size=(pairs, 2))
        for earlier, later in itertools.pairwise(noise):  # in place: each as the one before, and a little else
            later *= np.sqrt(1 - 0.9**2)
            later += 0.9 * earlier
        return np.array([1, 3]) * np.exp(0.05 * noise)

    held = [low <= 3 <= high for _, (low, high) in (ratio_of_medians(drifting(200)) for _ in range(100))]
    assert np.mean(held) > 0.65, "of single pairs in less than half of runs"


def test_interval_of_many_pairs_takes_little_memory():
    times = np.random.default_rng(0).gamma(9, 1, (6000, 2))
    tracemalloc.start()
    ratio_of_medians(times)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < 32 * 2**20


def test_what_disturbs_both_leaves_the_ratio():
    clock = Clock()
    load = itertools.cycle([1, 1, 1, 3, 3, 2])
    factor = [1.0]

    def first():
        factor[0] = next(load)
        clock.now += 0.1 * factor[0]

    def second():
        clock.now += 0.5 * factor[0]

    found = measure_ratio(first, second, nothing, QUIET._replace(seconds=60), clock)
    assert (found.ratio, *found.interval) == pytest.approx((5, 5, 5)), "drawn in pairs, whose two share the load"
    assert found.pairs == 30


def test_interval_of_the_ratio_is_wide_where_calls_differ():
    random = np.random.default_rng(1)
    times = np.stack([random.normal(1, 0.05, 200), random.normal(3, 0.6, 200)], axis=1)
    found, (low, high) = ratio_of_medians(times)
    assert low < found < high
    assert low < 3 < high
    assert high - low > 0.1
    assert ratio_of_medians(times) == (found, (low, high)), "the same times give the same interval"

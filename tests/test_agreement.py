"""The rules of agreement at their edges, and what the conditions make of them."""

import math
from decimal import Decimal

import evidence_factory as make
import numpy as np
import pytest
from scipy.stats import t

from reports.judging.agreement import (
    Prediction,
    Spread,
    more_seeds,
    of_a_difference,
    of_a_number,
    of_seeds,
    pooled,
    prediction,
)
from reports.judging.outcome import Condition, settle
from reports.judging.printed import allowed, within

D = Decimal
CLAIM = allowed(make.claim())  # 55.64, so from 55.635 to below 55.65
ONE = make.claim(value=1.0, as_printed="1", bound="approx")
MORE_THAN_ONE = make.claim(value=1.0, as_printed="1", bound="more_than")
TEN = make.claim(value=10.0, as_printed="10", bound="approx")
ANOTHER = make.claim(value=55.64, as_printed="55.64")


@pytest.mark.parametrize(
    ("value", "tolerance", "agreement"),
    [
        ("55.615", "0.02", "agrees"), ("55.614", "0.02", "disagrees"),
        ("55.7499", "0.1", "agrees"), ("55.75", "0.1", "disagrees"),
    ],
)  # fmt: skip
def test_a_number_without_noise_agrees_within_its_tolerance(value, tolerance, agreement):
    assert of_a_number(D(value), allowed(ANOTHER, D(tolerance))) == agreement


def test_a_prediction_interval_is_the_one_of_the_textbook():
    scores = [70.0, 71.0, 73.0]
    spread = pooled([scores])
    assert spread == (pytest.approx(np.std(scores, ddof=1)), 2)
    predicted = prediction(scores, spread)
    assert float(predicted.mean) == pytest.approx(np.mean(scores))
    expected = t.ppf(0.975, 2) * np.std(scores, ddof=1) * math.sqrt(1 + 1 / 3)
    assert float(predicted.half_width) == pytest.approx(expected)


def test_a_prediction_interval_holds_one_more_seed_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(4000):
        *scores, another = rng.normal(70, 0.4, 4)
        low, high = prediction(scores, pooled([scores])).interval
        hits += low <= another <= high
    assert hits / 4000 == pytest.approx(0.95, abs=0.01)


def test_spread_is_pooled_around_the_mean_of_each_run():
    assert pooled([[70.0, 71.0], [50.0, 51.0, 52.0], [9.0]]) == (pytest.approx(math.sqrt((0.5 + 2) / 3)), 3)
    assert pooled([[70.0], []]) is None


@pytest.mark.parametrize(
    ("mean", "half_width", "agreement"),
    [
        ("55.0", "0.635", "agrees"), ("55.0", "0.634", "disagrees"),
        ("55.0", "1.5", "agrees"), ("55.0", "1.501", "open"),
        ("56.0", "0.351", "agrees"), ("56.0", "0.35", "disagrees"),
        ("50.0", "5.0", "disagrees"), ("50.0", "6.0", "open"),
    ],
)  # fmt: skip
def test_seeds_agree_where_a_narrow_enough_interval_meets_the_claim(mean, half_width, agreement):
    assert of_seeds(Prediction(D(mean), D(half_width)), CLAIM, D("1.5")) == agreement


def test_more_seeds_are_as_many_as_bring_the_interval_down():
    spread = Spread(0.5, 2)
    more = more_seeds(3, spread, 1.5)
    assert more is not None
    for seeds, enough in ((more, True), (more - 1, False)):
        half = t.ppf(0.975, 2 + seeds) * 0.5 * math.sqrt(1 + 1 / (3 + seeds))
        assert (half <= 1.5) == enough
    assert more_seeds(3, Spread(0.8, 2), 1.5) is None, "1.96 times 0.8 is more than 1.5, whatever the number of seeds"


@pytest.mark.parametrize(
    ("value", "interval", "claim", "agreement"),
    [
        # "More than 1 better": what is worse, or nothing, does not pass.
        ("-0.5", ("-0.9", "-0.1"), MORE_THAN_ONE, "disagrees"),
        ("-0.5", ("-1.5", "0.6"), MORE_THAN_ONE, "open"),
        ("0.5", ("0.1", "0.9"), MORE_THAN_ONE, "agrees"),
        ("0.49", ("0.1", "0.9"), MORE_THAN_ONE, "disagrees"),
        ("3.0", ("2", "4"), MORE_THAN_ONE, "agrees"),
        # "About 1": nothing at all is not about 1.
        ("0.0", ("-0.4", "0.4"), ONE, "disagrees"),
        ("0.0", ("-0.5", "0.5"), ONE, "open"),
        ("0.5", ("0.01", "0.99"), ONE, "agrees"),
        ("0.49", ("0.01", "0.99"), ONE, "disagrees"),
        ("0.5", ("0", "1"), ONE, "open"),
        ("2.0", ("1.5", "2.5"), ONE, "agrees"),
        ("2.01", ("1.5", "2.5"), ONE, "disagrees"),
        ("1.0", None, ONE, "open"),
        ("5.0", ("4", "6"), TEN, "agrees"),
        ("15.0", ("14", "16"), TEN, "agrees"),
        ("4.99", ("4", "6"), TEN, "disagrees"),
        ("15.01", ("14", "16"), TEN, "disagrees"),
    ],
)
def test_a_difference_needs_its_sign_and_then_its_size(value, interval, claim, agreement):
    ends = interval and (D(interval[0]), D(interval[1]))
    margin = D(str(claim.value)) / 2
    assert of_a_difference(D(value), ends, within(claim, margin)) == agreement


@pytest.mark.parametrize(
    ("agreement", "fitted", "refutable", "outcome"),
    [
        ("agrees", False, True, "reproduced"),
        ("agrees", False, False, "reproduced"),
        ("agrees", True, True, "consistent"),
        ("disagrees", False, True, "not reproduced"),
        ("disagrees", True, True, "not reproduced"),
        ("disagrees", False, False, "undecided"),
        ("open", True, False, "undecided"),
        ("open", False, True, "undecided"),
    ],
)
def test_a_fitted_reading_caps_agreement_and_a_recipe_of_ours_caps_disagreement(agreement, fitted, refutable, outcome):
    assert settle(agreement, fitted=fitted, refutable=refutable) == outcome


def test_only_a_reading_can_be_fitted():
    with pytest.raises(ValueError, match="fitted with readings only"):
        Condition(kind="departure", about="recipe", text="another rate", fitted=True)

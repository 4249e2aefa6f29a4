"""What a claim allows: one function for exact, approximate and bounded claims, rounding and tolerance together."""

from decimal import Decimal

import evidence_factory as make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.judging.printed import allowed, num_decimals, reported

RANGE = {"value": 10.0, "value_max": 20.0, "as_printed": ("10", "20"), "bound": "range"}
DERIVED = {"value": 16.0, "as_printed": ("2", "8"), "derivation": "2*8"}
THIRD = {"value": 0.333, "as_printed": "one-third", "bound": "approx"}
property_test = settings(deadline=None, derandomize=True, max_examples=200)


@pytest.mark.parametrize(
    ("claimed", "tolerance", "inside", "outside"),
    [
        # Rounded from half a digit below, cut from just below the next digit.
        ({}, "0", ["55.635", "55.64", "55.6499"], ["55.6349", "55.65"]),
        ({}, "0.02", ["55.615", "55.6699"], ["55.6149", "55.67"]),
        ({"value": 69.0, "as_printed": "69"}, "0", ["68.5", "69.51", "69.99"], ["68.49", "70"]),
        ({"value": 0.364, "as_printed": "0.364"}, "0", ["0.364569", "0.3635"], ["0.365", "0.3634"]),
        ({"value": 55.0, "as_printed": "55", "bound": "approx"}, "0.1", ["54.4", "56.09"], ["54.39", "56.1"]),
        (THIRD, "0", ["0.333333", "0.3325"], ["0.376", "0.415", "0.3324"]),
        (RANGE, "0", ["9.5", "15", "20.99"], ["9.49", "21"]),
        (DERIVED, "0", ["16"], ["16.01", "15.99"]),
        (DERIVED | {"bound": "at_most"}, "0", ["12.9", "16"], ["16.01"]),
        # A limit was chosen, not rounded.
        ({"value": 1.0, "as_printed": "1", "bound": "more_than"}, "0", ["1.01", "9"], ["1", "0.9"]),
        ({"value": 1.0, "as_printed": "1", "bound": "more_than"}, "0.1", ["0.9"], ["0.89"]),
        ({"value": 60.0, "as_printed": "60", "bound": "less_than"}, "0", ["59.9"], ["60"]),
        ({"value": 60.0, "as_printed": "60", "bound": "at_most"}, "0.1", ["60.1"], ["60.11"]),
    ],
)
def test_what_prints_as_the_claim_is_allowed_and_a_tolerance_adds_to_it(claimed, tolerance, inside, outside):
    values = allowed(make.claim(**claimed), Decimal(tolerance))
    assert all(Decimal(value) in values for value in inside)
    assert not any(Decimal(value) in values for value in outside)


@property_test
@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(0, 999))
def test_what_is_rounded_or_cut_to_the_claim_is_allowed(printed, decimals, beyond):
    """Any value, brought to the printed digits in either way, stands for itself."""
    last = Decimal(1).scaleb(-decimals)
    token = f"{printed * last:f}"
    value = Decimal(token) + Decimal(beyond) / 1000 * last
    cut = make.claim(value=float(token), as_printed=token)
    assert value in allowed(cut)
    rounded = Decimal(token) + (last if beyond >= 500 else 0)
    assert value in allowed(make.claim(value=float(rounded), as_printed=f"{rounded:f}"))


@pytest.mark.parametrize(
    ("interval", "meets"),
    [(("55.6", "55.7"), True), (("55.0", "55.635"), True), (("55.0", "55.634"), False), (("55.65", "56"), False),
     (("55.64", "55.641"), True)],
)  # fmt: skip
def test_an_interval_meets_the_claim_where_both_have_a_value(interval, meets):
    assert allowed(make.claim()).meets(*map(Decimal, interval)) == meets


@pytest.mark.parametrize(("value", "distance"), [("55.64", "0"), ("55.649", "0"), ("55.7", "0.05"), ("55.6", "-0.035")])
def test_distance_is_signed_and_from_what_prints_as_the_claim(value, distance):
    assert allowed(make.claim()).distance(Decimal(value)) == Decimal(distance)


def test_decimals_of_a_word_are_those_of_its_value():
    assert num_decimals(make.claim(**THIRD)) == 3
    assert num_decimals(make.claim(value=1, as_printed="single")) == 0
    assert num_decimals(make.claim(value=45, as_printed="45M")) == 0


def test_a_claim_is_written_with_its_bound_and_its_own_digits():
    assert reported(make.claim(as_printed="55.60", value=55.6, bound="approx")) == "about 55.60"
    assert reported(make.claim(**RANGE)) == "10 to 20"
    assert reported(make.claim(**DERIVED | {"bound": "at_most"})) == "at most 16 (2*8)"

"""What a claim allows: the values that print as it does, in which unit, and with which tolerance."""

import re
from decimal import Decimal
from typing import NamedTuple

from data_manifests.schemas.claim import Claim

# Factor from the claim's unit (first) to the measurement's unit (second), where they differ.
UNITS = {("fraction", "percent"): 100, ("times smaller", "times"): 1, ("Hz", "fps"): 1, ("pp better", "pp"): 1,
    ("pp (written percent)", "pp"): 1, ("pp lower", "pp"): -1, ("GB (sum over cards)", "GB"): 1}  # fmt: skip
SIGNS = {
    "percent": "%",
    "fraction": "",
    "percent less": "% less",
    "percent more accurate": "% more accurate",
    "pp": "points",
    "pp better": "points better",
    "pp lower": "points lower",
    "pp (written percent)": "points (written as percent)",
    "rank by method": "",
}
"""How a unit is written after a number, if not by its name."""
BOUNDS = {
    "exact": "",
    "approx": "about ",
    "at_most": "at most ",
    "less_than": "less than ",
    "more_than": "more than ",
    "range": "",
}


class Allowed(NamedTuple):
    """The values that agree with a claim, in its own unit."""

    low: Decimal
    high: Decimal
    above_low: bool = False
    """Whether `low` itself is left out: 1 is not more than 1."""
    below_high: bool = False
    """Whether `high` itself is left out: 0.365 does not print as 0.364, however it is cut."""

    def distance(self, value: Decimal) -> Decimal:
        """Signed distance from the nearest end; 0 inside."""
        return value - min(max(value, self.low), self.high)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal) and (
            self.low < value < self.high
            or (value == self.low and not self.above_low)
            or (value == self.high and not self.below_high)
        )

    def meets(self, low: Decimal, high: Decimal) -> bool:
        """Whether an interval, ends included, has a value in common with it."""
        return low in self or high in self or (low < self.low and self.high <= high)


def allowed(claim: Claim, tolerance: Decimal = Decimal(0)) -> Allowed:
    """The values that print as the claim does, rounded or cut, and a tolerance on both sides of them.

    A number that stands for a value, approximate or not, was rounded (half a digit on both sides) or cut (up to a whole
    digit above). A limit (“at most”, “less than”, “more than”) was chosen and not rounded, and a number that was worked
    out from printed ones is exact: of these only the tolerance counts. “About” states no margin, so it gives none.

    Args:
        claim: a value that is not negative, or a range of two.
        tolerance: in the claim's unit.
    """
    value = exact(claim.value)
    above = exact(claim.value if claim.value_max is None else claim.value_max)
    digit = Decimal(0) if claim.derivation else Decimal(1).scaleb(-num_decimals(claim))
    infinite = Decimal("Infinity")
    match claim.bound:
        case "exact" | "approx" | "range":
            return Allowed(value - digit / 2 - tolerance, above + digit + tolerance, below_high=digit > 0)
        case "at_most" | "less_than":
            return Allowed(-infinite, value + tolerance, below_high=claim.bound == "less_than" and not tolerance)
        case "more_than":
            return Allowed(value - tolerance, infinite, above_low=not tolerance)


def within(claim: Claim, margin: Decimal) -> Allowed:
    """The values within a margin of the claimed one; a margin that is wider than rounding takes its place.

    Args:
        claim: as for `allowed`.
        margin: in the claim's unit.
    """
    printed, worked_out = allowed(claim), claim.model_copy(update={"derivation": "as printed"})
    wide = allowed(worked_out, margin)
    return Allowed(min(printed.low, wide.low), max(printed.high, wide.high))


def reported(claim: Claim) -> str:
    """The claimed number with the digits that the paper prints."""
    if claim.derivation is not None:
        return f"{BOUNDS[claim.bound]}{claim.value:g} ({claim.derivation})"
    return BOUNDS[claim.bound] + " to ".join(_tokens(claim))


def num_decimals(claim: Claim) -> int:
    """How many decimals the paper prints; those of the value where it writes a word, such as “one-third”."""
    token = _tokens(claim)[0]
    digits = re.search(r"\d+(?:\.(\d+))?", token if re.search(r"\d", token) else f"{claim.value:g}")
    return len(digits[1] or "") if digits else 0


def convertible(unit: str, claimed: str) -> bool:
    """Whether a measured number can be given in the unit of a claim."""
    return unit == claimed or (claimed, unit) in UNITS


def in_unit(value: float, unit: str, claimed: str) -> Decimal:
    """A measured number in the unit of a claim, exactly; KeyError where it is not `convertible`."""
    return exact(value) if unit == claimed else exact(value) / UNITS[claimed, unit]


def exact(value: float) -> Decimal:
    """The shortest decimal number that is written for a float, so that 55.66 is exactly 0.02 from 55.64."""
    return Decimal(repr(value))


def plain(value: Decimal) -> str:
    """At most four decimals, none of them a trailing zero."""
    text = f"{value:.4f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def with_unit(number: str, unit: str) -> str:
    """A number and its unit as a reader sees them."""
    sign = SIGNS.get(unit, unit)
    if sign.startswith("points") and number.split()[-1:] == ["1"]:
        sign = sign.replace("points", "point", 1)
    return f"{number} {sign}".rstrip()


def _tokens(claim: Claim) -> tuple[str, ...]:
    return (claim.as_printed,) if isinstance(claim.as_printed, str) else claim.as_printed

"""Whether a number prints as a claim does, rounded or cut."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

from data_manifests.schemas.claim import Claim
from segrepro.errors import SegReproError

ROUNDINGS = {"rounded": (ROUND_HALF_UP, ROUND_HALF_EVEN), "cut": (ROUND_DOWN,)}
Way = Literal["exactly", "rounded", "cut", "within the bounds"]


def tokens(claim: Claim) -> tuple[str, ...]:
    """What the source prints."""
    return (claim.as_printed,) if isinstance(claim.as_printed, str) else claim.as_printed


def num_decimals(claim: Claim) -> int:
    """How many decimals the source prints."""
    digits = re.search(r"\d+\.(\d+)", tokens(claim)[0])
    return len(digits[1]) if digits else 0


def agreement(value: Decimal, claim: Claim) -> Way | None:
    """How a number agrees with a claim.

    Args:
        value: in the claim's unit.
        claim: the number that a paper reports; with one bound, every number on the right side of it agrees.

    Returns:
        None where it does not. `exactly` before `rounded` before `cut`, for exact, approximate and ranged claims: the
        number, brought to the printed decimals in that way, is the printed one, or one within the printed range.

    Raises:
        SegReproError: the claim is printed in words for a value that has more decimals than its words: what agrees
            with it cannot be told from how it is printed.
    """
    reported = Decimal(repr(claim.value))
    match claim.bound:
        case "at_most":
            return "within the bounds" if value <= reported else None
        case "less_than":
            return "within the bounds" if value < reported else None
        case "more_than":
            return "within the bounds" if value > reported else None
    highest = reported if claim.value_max is None else Decimal(repr(claim.value_max))
    if reported <= value <= highest:
        return "exactly" if reported == highest else "within the bounds"
    last = Decimal(1).scaleb(-num_decimals(claim))
    if reported % last:
        raise SegReproError(
            f"{claim.id}: as_printed: found {' '.join(tokens(claim))!r} for {claim.value}, which no rounding gives; "
            "expected bounds. State them as `accepts` of its check in data_manifests/arithmetic"
        )
    for way, modes in ROUNDINGS.items():
        if any(reported <= value.quantize(last, mode) <= highest for mode in modes):
            return way  # type: ignore[return-value]
    return None

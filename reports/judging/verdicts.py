"""The verdict on a claim: which rule it goes by, what the conditions make of it, and the reason in two sentences."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.suite import Tolerances

from .agreement import Spread, more_seeds, of_a_difference, of_a_number, of_seeds, prediction
from .arithmetic import Result
from .conditions import conditions_of, open_to_doubt
from .context import Context
from .evidence import Measurement
from .machines import BOUND_TO_MACHINE, same_device
from .obstacles import missing_for, quantity
from .outcome import Agreement, Condition, How, Missing, Outcome, settle
from .printed import allowed, convertible, exact, in_unit, plain, reported, with_unit, within

POINTS = {"percent", "fraction", "pp"}
"""Units that a percentage point can be given in."""
Spreads = Mapping[tuple[str, str | None], Spread]
"""By metric and protocol: from seed to seed, pooled over all runs on the dataset."""


class Judgement(NamedTuple):
    """A verdict: how, with what outcome, under which conditions; and why, with the numbers."""

    outcome: Outcome
    reason: str
    how: How | None = None
    conditions: tuple[Condition, ...] = ()
    missing: tuple[Missing, ...] = ()
    measured: float | None = None
    """The number that stands beside the claim, in its unit: the mean of several seeds."""
    interval: tuple[float, float] | None = None
    """In the claim's unit: of several seeds, the prediction interval; else the measurement's own."""
    difference: float | None = None
    """Signed distance from the values that print as the claim does, in its unit; None unless judged by it."""
    tolerance: float | None = None
    """How far from these values still agrees, in the claim's unit; None unless judged by it."""


class _Ruled(NamedTuple):
    """What one rule says."""

    agreement: Agreement
    tolerance: Decimal | None
    because: str
    """Why, as the second sentence of the reason; empty where the first says it."""
    interval: tuple[Decimal, Decimal] | None = None


def judge(
    claim: Claim,
    measured: Sequence[Measurement],
    tolerances: Tolerances,
    context: Context,
    spreads: Spreads | None = None,
) -> Judgement:
    """Judges a claim of a paper about its own model by the measurements of one run.

    Args:
        claim: the number that a paper reports.
        measured: the same metric of the same model, under the claim's protocol (the standard one where the claim
            names none, and for a difference of two models): one for each seed; none where nothing was measured.
        tolerances: of the suite.
        context: the page.
        spreads: from seed to seed on this dataset; needed for several seeds only.

    Returns:
        `not run` with all that is missing, `not comparable` with the reason, or one of the judged outcomes.
    """
    if not measured:
        missing = missing_for(claim, context)
        return Judgement("not run", _listed(missing), missing=missing)
    first = measured[0]
    how, conditions = _how(first), conditions_of(claim, measured, context)
    convert = convertible(first.unit, claim.unit)
    here = [in_unit(m.value, m.unit, claim.unit) for m in measured if m.value is not None] if convert else []
    mean = sum(here, Decimal(0)) / len(here) if here else Decimal("NaN")
    interval = first.interval and convert and sorted(in_unit(bound, first.unit, claim.unit) for bound in first.interval)
    ends = (interval[0], interval[1]) if interval else None
    shown = Judgement(
        "not comparable", "", how, conditions, measured=float(mean) if here else None,
        interval=ends and (float(ends[0]), float(ends[1])),
    )  # fmt: skip
    if (reason := _not_comparable(claim, first)) is not None:
        return shown._replace(reason=reason)
    ruled = _rule(claim, measured, here, ends, tolerances, context, spreads or {})
    refutable = not any(c.kind == "departure" and c.about == "recipe" for c in conditions)
    doubtful = open_to_doubt(claim, first, context)
    outcome = settle(ruled.agreement, fitted=any(c.fitted for c in conditions), refutable=refutable and not doubtful)
    distance = allowed(claim).distance(mean)
    reason = _numbers(claim, first, mean, len(here), distance)
    because = ruled.because
    if ruled.agreement == "disagrees" and outcome == "undecided":
        because += " It speaks not against the claim: " + (
            "it is open whether the claim is about this." if doubtful else "the recipe is in part the suite's own."
        )
    ends = ruled.interval or ends
    return shown._replace(
        outcome=outcome,
        reason=" ".join(f"{reason} {because}".split()),
        interval=ends and (float(ends[0]), float(ends[1])),
        difference=float(distance),
        tolerance=None if ruled.tolerance is None else float(ruled.tolerance),
    )


def by_arithmetic(claim: Claim, result: Result) -> Judgement:
    """The verdict on a claim that follows from other numbers.

    Args:
        claim: the one that the result is about.
        result: with an outcome.
    """
    readings = [Condition(kind="reading", about="numbers", text=r.text, fitted=r.fitted) for r in result.readings]
    capped = [Condition(kind="reading", about="numbers", text=text) for text in result.capped]
    (first, *others) = result.cases
    alone = first.value if not others else None
    worked = "; ".join(case.text for case in result.cases)
    return Judgement(
        result.outcome or "undecided",
        f"{worked}; {with_unit(reported(claim), claim.unit)} reported. {result.shows}",
        how="arithmetic",
        conditions=(*readings, *capped),
        measured=None if alone is None else float(alone),
        difference=None if alone is None else float(allowed(claim).distance(alone)),
    )


def awaiting_counts(result: Result) -> Judgement:
    """The verdict on a claim that would follow from counts that are not made yet."""
    text = f"It follows by arithmetic from {' and '.join(result.missing)}."
    missing = (Missing(code="measurement", text=text),)
    return Judgement("not run", _listed(missing), missing=missing)


def _how(measured: Measurement) -> How:
    if measured.run is not None and measured.run.route == "test_server":
        return "answered by the owner's server"
    if measured.device is not None and measured.unit not in ("GB", "percent less"):
        return "timed"
    if measured.trained:
        return "retrained"
    return "re-evaluated" if measured.protocol is not None else "counted"


def _not_comparable(claim: Claim, measured: Measurement) -> str | None:
    """Why the two numbers are not of the same thing; None where they are."""
    if measured.value is None:
        if measured.device is not None:
            return f"Nothing could be timed: {measured.conditions}."
        return "Undefined: neither the ground truth nor the prediction has a pixel of this class."
    if not convertible(measured.unit, claim.unit):
        return f"The claim is in {claim.unit}, the measurement in {measured.unit}."
    if measured.split is not None and measured.split not in (claim.suite_split, claim.other_split):
        return f"Measured on the split “{measured.split}”; the paper gives the split as “{claim.split}”."
    if measured.run is None and measured.protocol is not None and claim.scoring not in (None, measured.protocol):
        return f"Measured under the protocol “{measured.protocol}”; the paper's is “{claim.scoring}”."
    if quantity(claim) in BOUND_TO_MACHINE | {"activation_memory_reduction"} and measured.counted:
        return (
            f"{_given(claim, in_unit(measured.value, measured.unit, claim.unit))} counted from tensor shapes, and"
            f" {with_unit(reported(claim), claim.unit)} reported of a device in use: two different quantities."
        )
    if quantity(claim) in BOUND_TO_MACHINE:
        return _other_machine(claim, measured, in_unit(measured.value, measured.unit, claim.unit))
    return None


def _other_machine(claim: Claim, measured: Measurement, here: Decimal) -> str | None:
    """Why a number of this machine says nothing about that of the paper; None on the same machine and input size."""
    sizes = claim.image_size, measured.size
    same_size = claim.image_size is None or measured.size is None or sorted(sizes[0] or ()) == sorted(sizes[1] or ())
    if same_device(claim, measured.machine or "") and same_size and sizes[0] is not None:
        return None
    size = "size not stated" if sizes[0] is None else f"{sizes[0][0]}x{sizes[0][1]}"
    ours = f"{sizes[1][0]}x{sizes[1][1]}" if sizes[1] else "no input size"
    return (
        f"{_given(claim, here)} on {measured.machine} at {ours}, and {with_unit(reported(claim), claim.unit)} reported"
        f" of {claim.hardware or 'a machine that is not stated'} at {size}: {plain(here / exact(claim.value))} times"
        " the claim. A speed is judged only on the named device and input size."
    )


def _rule(
    claim: Claim,
    measured: Sequence[Measurement],
    here: Sequence[Decimal],
    ends: tuple[Decimal, Decimal] | None,
    tolerances: Tolerances,
    context: Context,
    spreads: Spreads,
) -> _Ruled:
    first = measured[0]
    if quantity(claim) in BOUND_TO_MACHINE:
        tolerance = exact(tolerances.speed) * exact(claim.value)
        return _Ruled(of_a_number(here[0], allowed(claim, tolerance)), tolerance, _up_to(claim, tolerance))
    if quantity(claim) == "miou_delta":
        margin = exact(tolerances.effect) * exact(claim.value)
        agreement = of_a_difference(here[0], ends, within(claim, margin))
        return _Ruled(agreement, margin, _of_difference(agreement, ends, here[0], margin))
    if first.trained:
        spread = spreads.get((first.metric, first.protocol))
        return _of_training(claim, first, here, tolerances, spread)
    tolerance = Decimal(0)
    if not first.counted:
        points = tolerances.same_device if same_device(claim, first.machine or "") else tolerances.other_device
        tolerance = in_unit(points, "percent", claim.unit) if claim.unit in POINTS - {"pp"} else exact(points)
    return _Ruled(of_a_number(here[0], allowed(claim, tolerance)), tolerance, _up_to(claim, tolerance))


def _of_training(
    claim: Claim, first: Measurement, here: Sequence[Decimal], tolerances: Tolerances, spread: Spread | None
) -> _Ruled:
    """Trained with other seeds than the authors', whose number is one more draw."""
    if len(here) < tolerances.seeds or spread is None:
        more = tolerances.seeds - len(here)
        return _Ruled("open", None, f"At least {more} more seed{'s' if more > 1 else ''} would tell it from chance.")
    factor = in_unit(1, first.unit, claim.unit)
    spread = spread._replace(deviation=spread.deviation * abs(float(factor)))
    widest = (
        in_unit(tolerances.half_width, "percent", claim.unit)
        if claim.unit == "fraction"
        else exact(tolerances.half_width)
    )
    predicted = prediction([float(value) for value in here], spread)
    values = allowed(claim)
    agreement = of_seeds(predicted, values, widest)
    low, high = predicted.interval
    said = f"One more seed lies between {plain(low)} and {plain(high)} with 95 % probability, "
    if agreement == "disagrees":
        said += "above the claim: higher than claimed." if low > values.low else "below the claim."
    elif agreement == "agrees":
        said += "where the claim lies too."
    else:
        more_needed = more_seeds(len(here), spread, float(widest))
        said += f"too wide an interval to decide (half-width {plain(predicted.half_width)}, at most {plain(widest)}); "
        said += "no number of seeds would narrow it enough." if more_needed is None else f"{more_needed} more would do."
    return _Ruled(agreement, predicted.half_width, said, predicted.interval)


def _of_difference(agreement: Agreement, ends: tuple[Decimal, Decimal] | None, value: Decimal, margin: Decimal) -> str:
    if ends is None:
        return "It has no interval, so its sign is open."
    interval = f"{plain(ends[0])} to {plain(ends[1])}"
    if ends[0] <= 0 <= ends[1]:
        end = "and too small for the claim" if agreement == "disagrees" else "so the sign is open"
        return f"The interval, {interval}, holds 0, {end}."
    if ends[1] < 0:
        return f"The sign is the other one (interval {interval})."
    is_it = "within" if agreement == "agrees" else "off by more than"
    return f"The sign is the claimed one (interval {interval}), the size {is_it} the margin of {plain(margin)}."


def _numbers(claim: Claim, first: Measurement, value: Decimal, num: int, distance: Decimal) -> str:
    """The first sentence of a reason: both numbers and how far they are apart."""
    verb = {"counted": "counted", "timed": "timed", "retrained": "trained here"}.get(_how(first), "measured")
    seeds = f" with {num} seed{'s' if num > 1 else ''}" if _how(first) == "retrained" and first.run is not None else ""
    unit = " points" if claim.unit == "percent" or claim.unit.startswith("pp") else ""
    apart = "it prints as claimed" if not distance else f"{plain(abs(distance))}{unit} from what prints as the claim"
    if not distance and claim.bound in ("at_most", "less_than", "more_than"):
        apart = "within the limit"
    return f"{_given(claim, value)} {verb}{seeds}, {with_unit(reported(claim), claim.unit)} reported: {apart}."


def _given(claim: Claim, value: Decimal) -> str:
    number = f"{value:f}" if quantity(claim) == "params_m" else plain(value)
    return with_unit(number, claim.unit)


def _up_to(claim: Claim, tolerance: Decimal) -> str:
    if not tolerance:
        return ""
    return f"Up to {plain(tolerance)}{' points' if claim.unit == 'percent' else ''} beyond it would agree."


def _listed(missing: Sequence[Missing]) -> str:
    """What is missing, in a sentence; the row has the whole texts."""
    return "Missing: " + "; ".join(dict.fromkeys(WORDS[m.code] for m in missing)) + "."


WORDS: dict[str, str] = {
    "meaning": "what the name means, which the documents leave open",
    "quantity": "a way to measure this quantity",
    "baseline": "a network for what it is compared with",
    "comparison": "a comparison in the suite's plan",
    "split": "which images were scored, which the documents leave open",
    "machine": "the machine or input size, which the documents leave open",
    "page": "a run of the network",
    "run": "a run of the network on this dataset",
    "data not public": "the data, which are not public",
    "login": "the data (a person must get them)",
    "weights": "the authors' weights (downloaded by hand)",
    "GPU": "a GPU to train on",
    "stage": "a stage of this build",
    "device": "the paper's machine",
    "server": "the owner's server, which has the labels",
    "measurement": "the measurement itself",
}
"""Each obstacle in a few words."""

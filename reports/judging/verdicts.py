"""The verdict on a claim: a pure function of the claim, the measurement, the tolerance and what the page is about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Literal, NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Stage, SuiteComparison, Tolerance

from .evidence import QUANTITIES, Measurement

Verdict = Literal["reproduced", "close", "differs", "not comparable", "not run", "quoted"]

# How many of the measurement's unit one of the claim's unit is, where they differ.
UNITS = {("fraction", "percent"): 100, ("times smaller", "times"): 1, ("Hz", "fps"): 1, ("pp better", "pp"): 1,
    ("pp (written percent)", "pp"): 1, ("pp lower", "pp"): -1}  # fmt: skip
SIGNS = {"percent": "%", "fraction": ""}
"""How a unit is written behind a number, where not by its name."""
BOUNDS = {
    "exact": "",
    "approx": "about ",
    "at_most": "at most ",
    "less_than": "less than ",
    "more_than": "more than ",
    "range": "",
}
# Numbers that belong to a machine as much as to a network.
BOUND_TO_HARDWARE = {"fps", "inference_n_gpus", "train_memory", "train_time"}
# What a device's memory held; a count from shapes leaves out workspaces, the allocator's rest and the framework's own.
DEVICE_MEMORY = {"train_memory_reduction", "activation_memory_reduction"}
# Numbers that need no data.
STRUCTURAL = {"params_m"}


class Judgement(NamedTuple):
    """A verdict, and why, with the numbers."""

    verdict: Verdict
    reason: str
    difference: float | None = None
    """Signed distance from what the claim allows, in the claim's unit; None unless judged by it."""


@dataclass(frozen=True)
class Context:
    """What decides, besides the numbers, whether a claim can be judged on a page."""

    dataset: Dataset
    stages: tuple[Stage, ...]
    page_models: frozenset[str]
    """Models that have a run on this page."""
    suite_models: frozenset[str]
    """Models that have a run on any page."""
    paper_scale_models: frozenset[str]
    """Models of this page whose weights come from a training at the paper's own scale only."""
    comparisons: tuple[SuiteComparison, ...] = ()
    """Those of this page."""
    suite_comparisons: tuple[SuiteComparison, ...] = ()
    """Those of all pages."""
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    """By id."""
    placed_weights: Mapping[str, str] = field(default_factory=dict)
    """Models of this page whose published weights only a person can bring: how, and where to."""


def judge(claim: Claim, measured: Measurement | None, tolerance: Tolerance | None, context: Context) -> Judgement:
    """Judges one claim by at most one measurement.

    Args:
        claim: the number that a paper reports.
        measured: the same metric of the same model, under the claim's protocol (the standard one where the claim
            names none, and for a difference of two models), or None.
        tolerance: largest differences for `reproduced` and `close`, in the measurement's unit, and for weights
            trained here; None where the suite does not judge this metric.
        context: the page.

    Returns:
        `quoted` for other people's methods. `not run` and `not comparable` with what stands in the way. Otherwise
        `reproduced`, `close` or `differs` by the distance between the measurement and the values that the claim allows.
    """
    if not claim.own:
        citing = f", which cites {claim.citation}" if claim.citation else ""
        return Judgement("quoted", f"Another method than the paper's own, as given by the paper{citing}.")
    if measured is None:
        return _not_measured(claim, tolerance, context)
    if claim.metric in BOUND_TO_HARDWARE:
        return _beside_another_machine(claim, measured)
    if measured.value is None:
        return Judgement("not comparable", "Undefined: no pixel of this class in truth or prediction.")
    if not convertible(measured.unit, claim.unit):
        return Judgement("not comparable", f"Claimed in {claim.unit}, measured in {measured.unit}.")
    if measured.split is not None and measured.split != claim.suite_split:
        return Judgement(
            "not comparable",
            f"Measured on the split “{measured.split}”; the paper gives the split as “{claim.split}”."
            f"{_split_as_read(claim)}",
        )
    if measured.run is None and measured.protocol is not None and claim.scoring not in (None, measured.protocol):
        return Judgement(
            "not comparable", f"Measured under the protocol “{measured.protocol}”; the paper's is “{claim.scoring}”."
        )
    quantity = claim.metric.partition("_vs:")[0]
    if quantity in DEVICE_MEMORY and measured.counted:
        return _count_beside_device_memory(claim, measured, measured.value)
    # Where the paper names no machine, a processor is hardly what it means.
    if quantity == "speedup" and measured.device == "cpu" and "CPU" not in (claim.hardware or ""):
        return _ratio_of_another_machine(claim, measured, measured.value)
    if tolerance is None:
        return Judgement("not comparable", "The suite file sets no tolerance for this metric.")
    return _by_distance(claim, measured, measured.value, tolerance, context)


def _not_measured(claim: Claim, tolerance: Tolerance | None, context: Context) -> Judgement:
    """Says what stands in the way, the hardest obstacle first."""
    quantity, relative, other = claim.metric.partition("_vs:")
    split = context.dataset.splits.get(claim.suite_split)
    stage: Stage = "structure" if claim.metric in STRUCTURAL else "accuracy"
    if stage == "accuracy" and context.dataset.availability == "not public":
        return Judgement("not run", "The data are not public.")
    if planned := [comparison for comparison in context.comparisons if answers(comparison, claim)]:
        missing_stages = [needed for needed in _stages(planned[0], context) if needed not in context.stages]
        if not missing_stages:
            return Judgement("not run", f"The comparison {planned[0].id} has not been measured yet.")
        return Judgement(
            "not run",
            f"The stage “{missing_stages[-1]}” was left out of this build. {_how_to_add(context, *missing_stages)}",
        )
    if claim.variant is None:
        return Judgement("not run", "No model of the suite stands for this name beyond doubt.")
    if claim.variant not in context.suite_models:
        return Judgement("not run", f"The suite file has no run of {claim.variant} yet.")
    if relative:
        return Judgement("not run", f"A comparison with {other}; this page plans none.")
    if tolerance is None and claim.metric != "fps":
        return Judgement("not run", f"The suite does not measure this: {quantity.replace('_', ' ')}.")
    if split is not None and split.labels == "hidden":
        return Judgement(
            "not run",
            f"The labels of the split “{claim.suite_split}” are hidden: its owner's server scores it. How to make the"
            f" archive for it and enter its answer: reports/server/README.md.{_split_as_read(claim)}",
        )
    if claim.variant not in context.page_models:
        return Judgement("not run", f"{claim.variant} is not among the runs of this page.")
    if stage == "accuracy" and split is None and claim.metric != "fps":
        return Judgement(
            "not run", f"The paper gives the split as “{claim.split}”: a score could be shown beside it, not judged."
        )
    if claim.metric == "fps":
        return Judgement("not run", _not_timed(claim, context))
    if stage == "accuracy" and claim.variant in context.paper_scale_models and "training" not in context.stages:
        return Judgement(
            "not run",
            "Training by the paper's recipe at full size, hours to days on a GPU, was left out of this build."
            f" {_how_to_add(context, 'accuracy', 'training')}",
        )
    if stage not in context.stages:
        return Judgement("not run", f"The stage “{stage}” was left out of this build. {_how_to_add(context, stage)}")
    if stage == "accuracy" and claim.variant in context.placed_weights:
        return Judgement("not run", f"The authors' weights are not at hand. {context.placed_weights[claim.variant]}")
    if stage == "accuracy" and context.dataset.login is not None:
        login = context.dataset.login
        obstacle = "are behind a login" if login.account_url else "have to be placed by hand"
        return Judgement("not run", f"No evidence yet; the data {obstacle}. {login.instructions}")
    missing = "profile" if stage == "structure" else "evaluation on this split under this protocol"
    return Judgement("not run", f"{claim.variant} has no {missing} yet.")


def _stages(comparison: SuiteComparison, context: Context) -> tuple[Stage, ...]:
    """The stages that a comparison takes: mIoU of what trains at the paper's own scale needs that training."""
    trained = comparison.quantity == "miou" and not context.paper_scale_models.isdisjoint(comparison.models)
    return (comparison.stage, "training") if trained else (comparison.stage,)


def answers(comparison: SuiteComparison, claim: Claim) -> bool:
    """Whether a comparison measures what a claim speaks of: its quantity, its baseline, and its model.

    Where the paper leaves open which of its models it means, the comparison must name the claim.
    """
    model, baseline = comparison.models
    return (
        claim.metric.partition("_vs:")[:2] == (QUANTITIES[comparison.quantity], "_vs:")
        and claim.baseline == baseline
        and (claim.variant == model or claim.id in comparison.claims)
    )


def _how_to_add(context: Context, *stages: Stage) -> str:
    return f"It is part of one with --config stages={','.join(dict.fromkeys((*context.stages, *stages)))}."


def _not_timed(claim: Claim, context: Context) -> str:
    """Why no speed stands beside a claim, and what one would be worth."""
    missing = f"{claim.variant} has not been timed yet."
    if "efficiency" not in context.stages:
        missing = f"The stage “efficiency” was left out of this build. {_how_to_add(context, 'efficiency')}"
    return (
        f"{missing} The number would be shown beside the paper's and not judged, because it belongs to the machine as"
        f" much as to the network; the paper's: {claim.hardware or 'not named'}."
    )


def _beside_another_machine(claim: Claim, measured: Measurement) -> Judgement:
    """For what no second machine can confirm or refute."""
    if measured.value is None:
        return Judgement("not run", f"Nothing could be timed: {measured.conditions}.")
    theirs = claim.hardware or "a machine not named"
    # Papers write width first or height first, and do not always say which.
    if claim.image_size and measured.size and sorted(claim.image_size) != sorted(measured.size):
        theirs += f" at {claim.image_size[0]}x{claim.image_size[1]}"
    return Judgement(
        "not comparable",
        f"{theirs} vs {measured.conditions}: the number belongs to the machine as much as to the network.",
    )


def _count_beside_device_memory(claim: Claim, measured: Measurement, value: float) -> Judgement:
    stated = {"machine": claim.hardware, **(claim.protocol or {})}
    circumstances = "; ".join(
        f"{key.replace('_', ' ')}: {stated.get(key) or 'not stated'}"
        for key in ("machine", "framework", "image_size", "batch_size")
    )
    return Judgement(
        "not comparable",
        f"{_with_unit(_four_digits(in_unit(value, measured.unit, claim.unit)), claim.unit)} counted from shapes"
        f" ({measured.conditions}) vs {_with_unit(reported(claim), claim.unit)} reported of the memory that a device"
        f" held ({circumstances}).{_networks_as_read(claim)}",
    )


def _ratio_of_another_machine(claim: Claim, measured: Measurement, value: float) -> Judgement:
    found = _with_unit(_four_digits(in_unit(value, measured.unit, claim.unit)), claim.unit)
    if measured.interval is not None:
        low, high = (_four_digits(in_unit(bound, measured.unit, claim.unit)) for bound in measured.interval)
        found += f" ({_interval(measured)} {low} to {high})"
    return Judgement(
        "not comparable",
        f"{found} measured ({measured.conditions}) vs {_with_unit(reported(claim), claim.unit)} reported"
        f" ({claim.hardware or 'a machine not named'}): by how much one network is faster than another depends on the"
        f" kind of machine.{_networks_as_read(claim)}",
    )


def _split_as_read(claim: Claim) -> str:
    """A sentence on how the paper's words for the split were read, where they are not the suite's."""
    if claim.suite_split == claim.split:
        return ""
    if claim.split.startswith(claim.suite_split):
        return f" The paper only implies the split: “{claim.split}”."
    return f" The paper's “{claim.split}” is the suite's “{claim.suite_split}”."


def _networks_as_read(claim: Claim) -> str:
    """Sentences on the choice of the networks that stand for the paper's and for what it compares with."""
    choices = (claim.variant, claim.variant_why), (claim.baseline, claim.baseline_why)
    return "".join(f" Why {network}: {why}." for network, why in choices if why)


def _by_distance(
    claim: Claim, measured: Measurement, value: float, tolerance: Tolerance, context: Context
) -> Judgement:
    here = in_unit(value, measured.unit, claim.unit)
    how = "counted" if measured.counted else "measured"
    found = f"{_with_unit(_plain(here), claim.unit)} {how}"
    if claim.metric in STRUCTURAL:
        found = f"{_with_unit(f'{here:f}', claim.unit)} {how}, {_as_printed(here, claim):f} as the paper prints it"
        here = _as_printed(here, claim)
    low, high = allowed(claim)
    difference = here - min(max(here, low), high)
    distance = abs(difference)
    margins = (tolerance.retrained if measured.weights == "retrained" else None) or tolerance
    reproduced, close = (abs(in_unit(t, measured.unit, claim.unit)) for t in (margins.reproduced, margins.close))
    if tolerance.relative:
        reproduced, close = (_exact(share) * _exact(claim.value) for share in (margins.reproduced, margins.close))
    within = f"within the tolerance of {_plain(reproduced)}"
    if reproduced < _rounding(claim):
        reproduced = _rounding(claim)
        within = f"within half of the last printed digit, {_plain(reproduced)}"
    unit = " percentage points" if claim.unit == "percent" or measured.unit == "pp" else ""
    numbers = f"{found}, {_with_unit(reported(claim), claim.unit)} reported: {_plain(distance)}{unit} apart"
    circumstances = " Trained here, with another seed than the authors'." if margins is not tolerance else ""
    circumstances += _beside_interval(claim, measured)
    circumstances += f" {how.capitalize()}: {measured.conditions}." if measured.conditions else ""
    if measured.conditions and claim.hardware:
        circumstances += f" The paper's machine: {claim.hardware}."
    if measured.split is not None:
        circumstances += _split_as_read(claim)
    circumstances += _scoring_as_read(claim, measured, context) + _networks_as_read(claim)
    if distance <= reproduced:
        verdict: Verdict = "reproduced"
    elif distance <= close:
        verdict, within = "close", f"more than {_plain(reproduced)}, at most {_plain(close)}"
    else:
        verdict, within = "differs", f"more than {_plain(close)}"
    return Judgement(verdict, f"{numbers}, {within}.{circumstances}", float(difference))


def _scoring_as_read(claim: Claim, measured: Measurement, context: Context) -> str:
    """A sentence on the rules of the score, where no source states them."""
    if measured.protocol is None:
        return ""
    if claim.scoring is None:
        return f" The paper does not state its scoring; this is the suite's protocol “{measured.protocol}”."
    protocol = context.protocols.get(measured.protocol)
    if protocol is None or protocol.inferred is None:
        return ""
    return f" No source states the protocol “{protocol.title}”; it was inferred from {protocol.inferred}."


def _beside_interval(claim: Claim, measured: Measurement) -> str:
    """A sentence on whether the measurement's interval has room for the claim."""
    if measured.interval is None:
        return ""
    low, high = sorted(in_unit(bound, measured.unit, claim.unit) for bound in measured.interval)
    least, most = allowed(claim)
    side = "inside" if least <= high and low <= most else "outside"
    return f" The claim lies {side} the measurement's {_interval(measured)}, {_plain(low)} to {_plain(high)}."


def _interval(measured: Measurement) -> str:
    """What an interval is called: what was timed drifts from run to run, and another run may lie outside."""
    return "95 % interval of this run" if measured.device is not None else "95 % interval"


def convertible(unit: str, claimed: str) -> bool:
    """Whether a measured number can be given in the unit of a claim."""
    return unit == claimed or (claimed, unit) in UNITS


def in_unit(value: float, unit: str, claimed: str) -> Decimal:
    """A measured number in the unit of a claim, exactly; KeyError where it is not `convertible`."""
    return _exact(value) if unit == claimed else _exact(value) / UNITS[claimed, unit]


def reported(claim: Claim) -> str:
    """The claimed number in words, in the paper's own digits."""
    if claim.derivation is not None:
        return f"{BOUNDS[claim.bound]}{claim.value:g} ({claim.derivation})"
    return BOUNDS[claim.bound] + " to ".join(_tokens(claim))


def allowed(claim: Claim) -> tuple[Decimal, Decimal]:
    """The lowest and the highest value that the claim speaks of, in its own unit.

    `approx` allows what rounds to the printed digits. A strict bound is taken with its end: beside a tolerance the
    difference does not exist.
    """
    value = _exact(claim.value)
    match claim.bound:
        case "exact":
            return value, value
        case "approx":
            return value - _half_a_digit(claim), value + _half_a_digit(claim)
        case "at_most" | "less_than":
            return Decimal("-Infinity"), value
        case "more_than":
            return value, Decimal("Infinity")
        case "range":
            return value, _exact(claim.value if claim.value_max is None else claim.value_max)


def places(claim: Claim) -> int:
    """How many decimals the paper prints."""
    digits = re.search(r"\d+\.(\d+)", _tokens(claim)[0])
    return len(digits[1]) if digits else 0


def _half_a_digit(claim: Claim) -> Decimal:
    return Decimal(5).scaleb(-places(claim) - 1)


def _rounding(claim: Claim) -> Decimal:
    """How far a number may lie from the claim and still print the same, where that is not allowed for elsewhere."""
    allowed_for = claim.metric in STRUCTURAL or claim.bound != "exact" or claim.derivation is not None
    return Decimal(0) if allowed_for else _half_a_digit(claim)


def _tokens(claim: Claim) -> tuple[str, ...]:
    return (claim.as_printed,) if isinstance(claim.as_printed, str) else claim.as_printed


def _as_printed(measured: Decimal, claim: Claim) -> Decimal:
    """Brings a count to the printed precision; papers round (0.203) or cut (0.202), so the nearer of both counts."""
    last = Decimal(1).scaleb(-places(claim))
    return min(
        (measured.quantize(last, rounding) for rounding in (ROUND_HALF_EVEN, ROUND_DOWN)),
        key=lambda printed: abs(printed - _exact(claim.value)),
    )


def _exact(value: float) -> Decimal:
    """The decimal number that a person would read off, so that 55.66 is exactly 0.02 from 55.64."""
    return Decimal(repr(value))


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {SIGNS.get(unit, unit)}".rstrip()


def _four_digits(value: Decimal) -> str:
    return f"{value:.4g}"


def _plain(value: Decimal) -> str:
    """At most four decimals, none of them a trailing zero."""
    text = f"{value:.4f}"
    return text.rstrip("0").rstrip(".")

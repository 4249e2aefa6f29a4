"""The verdict on a claim: a pure function of the claim, the measurement, the tolerance and the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Literal, NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe
from data_manifests.schemas.suite import Stage, SuiteComparison, Tolerance

from .evidence import QUANTITIES, Measurement
from .recipes import by_whose_recipe, trained_here

Verdict = Literal["reproduced", "close", "differs", "not comparable", "not run", "quoted"]

# Factor from the claim's unit (first) to the measurement's unit (second), where they differ.
UNITS = {("fraction", "percent"): 100, ("times smaller", "times"): 1, ("Hz", "fps"): 1, ("pp better", "pp"): 1,
    ("pp (written percent)", "pp"): 1, ("pp lower", "pp"): -1}  # fmt: skip
SIGNS = {"percent": "%", "fraction": ""}
"""How a unit is written after a number, if not by its name."""
BOUNDS = {
    "exact": "",
    "approx": "about ",
    "at_most": "at most ",
    "less_than": "less than ",
    "more_than": "more than ",
    "range": "",
}
# Numbers that depend on the machine as much as on the network.
BOUND_TO_HARDWARE = {"fps", "inference_n_gpus", "train_memory", "train_time"}
# Memory in use on a device. A count from tensor shapes leaves out workspaces, unused blocks of the allocator and what
# the framework needs for itself.
DEVICE_MEMORY = {"train_memory_reduction", "activation_memory_reduction"}
# Numbers that can be computed without data.
STRUCTURAL = {"params_m"}


class Judgement(NamedTuple):
    """A verdict, and why, with the numbers."""

    verdict: Verdict
    reason: str
    difference: float | None = None
    """Signed distance from what the claim allows, in the claim's unit; None unless judged by it."""


@dataclass(frozen=True)
class Context:
    """What a verdict depends on besides the two numbers."""

    dataset: Dataset
    stages: tuple[Stage, ...]
    page_models: frozenset[str]
    """Models that have a run on this page."""
    suite_models: frozenset[str]
    """Models that have a run on any page."""
    paper_scale_models: frozenset[str]
    """Models of this page whose only weights come from a full training by the paper's recipe."""
    comparisons: tuple[SuiteComparison, ...] = ()
    """Those of this page."""
    suite_comparisons: tuple[SuiteComparison, ...] = ()
    """Those of all pages."""
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    """By id."""
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    """What is the authors' in each training, by `<dataset>/<model>`."""
    placed_weights: Mapping[str, str] = field(default_factory=dict)
    """Models of this page whose published weights must be downloaded by hand: how, and where to put the file."""


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
        `quoted` for other people's methods. `not run` and `not comparable` with the reason. Otherwise `reproduced`,
        `close` or `differs` by the distance between the measurement and the values that the claim allows.
    """
    if not claim.own:
        citing = f", which cites {claim.citation}" if claim.citation else ""
        return Judgement("quoted", f"A number for another method, quoted by the paper{citing}.")
    if measured is None:
        return _not_measured(claim, tolerance, context)
    if claim.metric in BOUND_TO_HARDWARE:
        return _on_another_machine(claim, measured)
    if measured.value is None:
        return Judgement(
            "not comparable", "Undefined: neither the ground truth nor the prediction has a pixel of this class."
        )
    if not convertible(measured.unit, claim.unit):
        return Judgement("not comparable", f"The claim is in {claim.unit}, the measurement in {measured.unit}.")
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
        return _counted_not_in_use(claim, measured, measured.value)
    # Where the paper names no machine, it probably does not mean a CPU.
    if quantity == "speedup" and measured.device == "cpu" and "CPU" not in (claim.hardware or ""):
        return _ratio_of_another_machine(claim, measured, measured.value)
    if tolerance is None:
        return Judgement("not comparable", "The suite file sets no tolerance for this metric.")
    return _by_distance(claim, measured, measured.value, tolerance, context)


def _not_measured(claim: Claim, tolerance: Tolerance | None, context: Context) -> Judgement:
    """Explains why nothing was measured; checks the most fundamental reason first."""
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
            f"This page was built without the stage “{missing_stages[-1]}”. {_how_to_add(context, *missing_stages)}",
        )
    if claim.variant is None:
        return Judgement("not run", "It is not certain which model of the suite this name refers to.")
    if claim.variant not in context.suite_models:
        return Judgement("not run", f"No page of the suite has a run of {claim.variant} yet.")
    if relative:
        return Judgement("not run", f"No comparison with {other} is planned for this page.")
    if tolerance is None and claim.metric != "fps":
        return Judgement("not run", f"The suite does not measure this quantity: {quantity.replace('_', ' ')}.")
    if split is not None and split.labels == "hidden":
        return Judgement(
            "not run",
            f"The labels of the split “{claim.suite_split}” are not public: only the test server of the dataset's owner"
            " can score predictions for it. How to submit predictions and enter the scores: reports/server/README.md."
            f"{_split_as_read(claim)}",
        )
    if claim.variant not in context.page_models:
        return Judgement("not run", f"This page has no run of {claim.variant}.")
    if stage == "accuracy" and split is None and claim.metric != "fps":
        return Judgement(
            "not run",
            f"The paper gives the split as “{claim.split}”, which is no split of the dataset here. A score could be"
            " shown next to the claim, but not judged.",
        )
    if claim.metric == "fps":
        return Judgement("not run", _not_timed(claim, context))
    if stage == "accuracy" and claim.variant in context.paper_scale_models and "training" not in context.stages:
        return Judgement(
            "not run",
            "This page was built without full training by the paper's recipe, which takes hours to days on a GPU."
            f" {_how_to_add(context, 'accuracy', 'training')}",
        )
    if stage not in context.stages:
        return Judgement("not run", f"This page was built without the stage “{stage}”. {_how_to_add(context, stage)}")
    if stage == "accuracy" and claim.variant in context.placed_weights:
        return Judgement(
            "not run", f"The authors' weights must be downloaded by hand. {context.placed_weights[claim.variant]}"
        )
    if stage == "accuracy" and context.dataset.login is not None:
        login = context.dataset.login
        access = "downloading the data needs a login" if login.account_url else "the data must be downloaded by hand"
        return Judgement("not run", f"Not measured yet: {access}. {login.instructions}")
    missing = "profile" if stage == "structure" else "evaluation on this split under this protocol"
    return Judgement("not run", f"{claim.variant} has no {missing} yet.")


def _stages(comparison: SuiteComparison, context: Context) -> tuple[Stage, ...]:
    """The stages that a comparison needs: the mIoU of a model with full training by its paper needs that training."""
    trained = comparison.quantity == "miou" and not context.paper_scale_models.isdisjoint(comparison.models)
    return (comparison.stage, "training") if trained else (comparison.stage,)


def answers(comparison: SuiteComparison, claim: Claim) -> bool:
    """Whether a comparison measures what a claim is about: the same quantity, baseline and model.

    Where the paper does not say which of its models it means, the comparison must name the claim.
    """
    model, baseline = comparison.models
    return (
        claim.metric.partition("_vs:")[:2] == (QUANTITIES[comparison.quantity], "_vs:")
        and claim.baseline == baseline
        and (claim.variant == model or claim.id in comparison.claims)
    )


def _how_to_add(context: Context, *stages: Stage) -> str:
    return f"To include it, build with --config stages={','.join(dict.fromkeys((*context.stages, *stages)))}."


def _not_timed(claim: Claim, context: Context) -> str:
    """Why a claim has no measured speed, and how one would be used."""
    missing = f"{claim.variant} has not been timed yet."
    if "efficiency" not in context.stages:
        missing = f"This page was built without the stage “efficiency”. {_how_to_add(context, 'efficiency')}"
    return (
        f"{missing} A measured speed would be shown next to the paper's but not judged, because it depends on the"
        f" machine as much as on the network. The paper's machine: {claim.hardware or 'not stated'}."
    )


def _on_another_machine(claim: Claim, measured: Measurement) -> Judgement:
    """For numbers that a measurement on another machine can neither confirm nor refute."""
    if measured.value is None:
        return Judgement("not run", f"Nothing could be timed: {measured.conditions}.")
    theirs = claim.hardware or "not stated"
    # Papers write width first or height first, and do not always say which.
    if claim.image_size and measured.size and sorted(claim.image_size) != sorted(measured.size):
        theirs += f" at {claim.image_size[0]}x{claim.image_size[1]}"
    return Judgement(
        "not comparable",
        "The number depends on the machine as much as on the network. The paper's machine:"
        f" {theirs}. Ours: {measured.conditions}.",
    )


def _counted_not_in_use(claim: Claim, measured: Measurement, value: float) -> Judgement:
    stated = {"machine": claim.hardware, **(claim.protocol or {})}
    circumstances = "; ".join(
        f"{key.replace('_', ' ')}: {stated.get(key) or 'not stated'}"
        for key in ("machine", "framework", "image_size", "batch_size")
    )
    return Judgement(
        "not comparable",
        f"{_with_unit(_four_digits(in_unit(value, measured.unit, claim.unit)), claim.unit)} counted from tensor shapes"
        f" ({measured.conditions}), {_with_unit(reported(claim), claim.unit)} reported for memory in use on a device"
        f" ({circumstances}). These are two different quantities.{_networks_as_read(claim)}",
    )


def _ratio_of_another_machine(claim: Claim, measured: Measurement, value: float) -> Judgement:
    found = _with_unit(_four_digits(in_unit(value, measured.unit, claim.unit)), claim.unit)
    if measured.interval is not None:
        low, high = (_four_digits(in_unit(bound, measured.unit, claim.unit)) for bound in measured.interval)
        found += f" ({_interval(measured)} {low} to {high})"
    return Judgement(
        "not comparable",
        f"{found} measured ({measured.conditions}), {_with_unit(reported(claim), claim.unit)} reported"
        f" ({claim.hardware or 'machine not stated'}). How much faster one network is than another depends on the kind"
        f" of machine.{_networks_as_read(claim)}",
    )


def _split_as_read(claim: Claim) -> str:
    """A sentence on how we read the paper's name for the split, where it is not the suite's name."""
    if claim.suite_split == claim.split:
        return ""
    if claim.split.startswith(claim.suite_split):
        return f" The paper only implies the split: “{claim.split}”."
    return f" What the paper calls “{claim.split}” is the split “{claim.suite_split}” of the suite."


def _networks_as_read(claim: Claim) -> str:
    """Sentences on why the suite's networks were chosen for the paper's model and for its baseline."""
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
    margins = (tolerance.retrained if measured.trained else None) or tolerance
    reproduced, close = (abs(in_unit(t, measured.unit, claim.unit)) for t in (margins.reproduced, margins.close))
    if tolerance.relative:
        reproduced, close = (_exact(share) * _exact(claim.value) for share in (margins.reproduced, margins.close))
    within = f"within the tolerance of {_plain(reproduced)}"
    if reproduced < _rounding(claim):
        reproduced = _rounding(claim)
        within = f"within half of the last printed digit, {_plain(reproduced)}"
    unit = " percentage points" if claim.unit == "percent" or measured.unit == "pp" else ""
    numbers = f"{found}, {_with_unit(reported(claim), claim.unit)} reported: {_plain(distance)}{unit} apart"
    circumstances = f" {trained_here(measured.trained, context.recipes)}" if measured.trained else ""
    circumstances += _interval_and_claim(claim, measured)
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
    # In the same sentence: a gap of a recipe that is not the authors' is not yet a failure of their paper.
    whose = by_whose_recipe(measured.trained, context.recipes)
    return Judgement(verdict, f"{numbers}, {within}{whose}.{circumstances}", float(difference))


def _scoring_as_read(claim: Claim, measured: Measurement, context: Context) -> str:
    """A sentence on the scoring rules, where no source states them."""
    if measured.protocol is None:
        return ""
    if claim.scoring is None:
        return f" The paper does not state its scoring; this is the suite's protocol “{measured.protocol}”."
    protocol = context.protocols.get(measured.protocol)
    if protocol is None or protocol.inferred is None:
        return ""
    return f" No source states the protocol “{protocol.title}”; it was inferred from {protocol.inferred}."


def _interval_and_claim(claim: Claim, measured: Measurement) -> str:
    """A sentence on whether the claim is inside the measurement's interval."""
    if measured.interval is None:
        return ""
    low, high = sorted(in_unit(bound, measured.unit, claim.unit) for bound in measured.interval)
    least, most = allowed(claim)
    side = "inside" if least <= high and low <= most else "outside"
    return f" The claim is {side} the measurement's {_interval(measured)}, {_plain(low)} to {_plain(high)}."


def _interval(measured: Measurement) -> str:
    """The name of an interval. Timings drift from run to run, so their interval describes one run only."""
    return "95 % interval of this run" if measured.device is not None else "95 % interval"


def convertible(unit: str, claimed: str) -> bool:
    """Whether a measured number can be given in the unit of a claim."""
    return unit == claimed or (claimed, unit) in UNITS


def in_unit(value: float, unit: str, claimed: str) -> Decimal:
    """A measured number in the unit of a claim, exactly; KeyError where it is not `convertible`."""
    return _exact(value) if unit == claimed else _exact(value) / UNITS[claimed, unit]


def reported(claim: Claim) -> str:
    """The claimed number with the digits that the paper prints."""
    if claim.derivation is not None:
        return f"{BOUNDS[claim.bound]}{claim.value:g} ({claim.derivation})"
    return BOUNDS[claim.bound] + " to ".join(_tokens(claim))


def allowed(claim: Claim) -> tuple[Decimal, Decimal]:
    """The lowest and the highest value that the claim allows, in its own unit.

    `approx` allows what rounds to the printed digits. A strict bound includes its end; with a tolerance this makes no
    difference.
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


def num_decimals(claim: Claim) -> int:
    """How many decimals the paper prints."""
    digits = re.search(r"\d+\.(\d+)", _tokens(claim)[0])
    return len(digits[1]) if digits else 0


def _half_a_digit(claim: Claim) -> Decimal:
    return Decimal(5).scaleb(-num_decimals(claim) - 1)


def _rounding(claim: Claim) -> Decimal:
    """Half of the last printed digit; 0 for claims whose rounding is handled elsewhere."""
    allowed_for = claim.metric in STRUCTURAL or claim.bound != "exact" or claim.derivation is not None
    return Decimal(0) if allowed_for else _half_a_digit(claim)


def _tokens(claim: Claim) -> tuple[str, ...]:
    return (claim.as_printed,) if isinstance(claim.as_printed, str) else claim.as_printed


def _as_printed(measured: Decimal, claim: Claim) -> Decimal:
    """Brings a count to the printed precision; papers round (0.203) or cut (0.202), so the nearer of both counts."""
    last = Decimal(1).scaleb(-num_decimals(claim))
    return min(
        (measured.quantize(last, rounding) for rounding in (ROUND_HALF_EVEN, ROUND_DOWN)),
        key=lambda printed: abs(printed - _exact(claim.value)),
    )


def _exact(value: float) -> Decimal:
    """The shortest decimal number that is written for a float, so that 55.66 is exactly 0.02 from 55.64."""
    return Decimal(repr(value))


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {SIGNS.get(unit, unit)}".rstrip()


def _four_digits(value: Decimal) -> str:
    return f"{value:.4g}"


def _plain(value: Decimal) -> str:
    """At most four decimals, none of them a trailing zero."""
    text = f"{value:.4f}"
    return text.rstrip("0").rstrip(".")

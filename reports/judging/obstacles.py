"""Why a claim was not measured: all that stands in the way, in the order in which a person would meet it."""

from collections.abc import Callable
from typing import NamedTuple

from data_manifests.schemas.claim import Claim
from data_manifests.schemas.suite import Stage

from .context import Context, answers, networks
from .machines import BOUND_TO_MACHINE, named_device
from .outcome import Code, Missing

STRUCTURAL = {"params_m"}
"""What can be counted without data."""
SCORES = {"miou", "category_miou", "iiou", "category_iiou", "class_iou", "class_avg_accuracy", "pixel_accuracy"}
ON_A_MACHINE = {"fps", "train_memory"}
RELATIVE = {"speedup", "size_ratio", "activation_memory_reduction", "train_memory_reduction", "miou_delta"}


class Obstacle(NamedTuple):
    """One thing that may stand in the way."""

    code: Code
    stands: Callable[[Claim, Context], bool]
    words: Callable[[Claim, Context], str]
    for_good: bool = False
    """Whether no data, weights, GPU or server removes it: the documents or the suite would have to change."""


def missing_for(claim: Claim, context: Context) -> tuple[Missing, ...]:
    """All that stands between a claim and its measurement; never empty.

    Args:
        claim: of a paper about its own model.
        context: the page.
    """
    found = [Missing(code=o.code, text=o.words(claim, context)) for o in OBSTACLES if o.stands(claim, context)]
    return tuple(found) or (Missing(code="measurement", text=_not_yet(claim, context)),)


def could_be_judged(claim: Claim, context: Context) -> bool:
    """Whether data, weights, GPUs and servers are all that a claim's verdict on a page needs."""
    return not any(o.for_good and o.stands(claim, context) for o in OBSTACLES)


def quantity(claim: Claim) -> str:
    """What a claim is about, without the class or the baseline: `class_iou`, `speedup`."""
    return claim.metric.partition("_vs:")[0].partition(".")[0]


def _is_score(claim: Claim) -> bool:
    return quantity(claim) in SCORES


def _planned(claim: Claim, context: Context) -> bool:
    return any(answers(comparison, claim) for comparison in context.comparisons)


def _relative(claim: Claim) -> bool:
    return "_vs:" in claim.metric


def _known(claim: Claim, context: Context) -> bool:
    return bool(networks(claim, context)) or _planned(claim, context)


def _measurable(claim: Claim, context: Context) -> bool:
    kinds = RELATIVE if _relative(claim) else SCORES | STRUCTURAL | ON_A_MACHINE
    return quantity(claim) in kinds


def _runs_here(claim: Claim, context: Context) -> bool:
    return not context.page_models.isdisjoint(networks(claim, context))


def _compared(claim: Claim, context: Context) -> list[str]:
    """The networks whose scores a claim needs."""
    for comparison in context.comparisons:
        if answers(comparison, claim):
            return list(comparison.models) if comparison.quantity == "miou" else []
    named = [m for m in (claim.variant, *claim.candidates) if m in context.page_models]
    return [m for m in named if m is not None] if _is_score(claim) else []


def _needs_data(claim: Claim, context: Context) -> bool:
    return _is_score(claim) or bool(_compared(claim, context)) or claim.metric.startswith("miou_delta")


def _by_hand(claim: Claim, context: Context) -> list[str]:
    """Networks whose only published weights must be placed by a person."""
    return [m for m in _compared(claim, context) if "official" in context.routes(m) and m in context.placed_weights]


def _at_paper_scale(claim: Claim, context: Context) -> list[str]:
    """Networks whose only weights come from a full training by the paper's recipe."""
    return [
        m
        for m in _compared(claim, context)
        if (routes := context.routes(m)) and all(run.paper_scale for run in routes.values())
    ]


def _hidden(claim: Claim, context: Context) -> bool:
    split = context.dataset.splits.get(claim.suite_split) if context.dataset else None
    return _needs_data(claim, context) and split is not None and split.labels == "hidden"


def _stage(claim: Claim, context: Context) -> Stage:
    for comparison in context.comparisons:
        if answers(comparison, claim):
            return comparison.stage
    if claim.metric in STRUCTURAL:
        return "structure"
    return "efficiency" if quantity(claim) in BOUND_TO_MACHINE else "accuracy"


def _left_out(claim: Claim, context: Context) -> list[Stage]:
    """The stages that a claim needs and the page was built without."""
    needed: list[Stage] = [_stage(claim, context)]
    if _at_paper_scale(claim, context):
        needed.append("training")
    return [stage for stage in needed if stage not in context.stages]


def _unknown_split(claim: Claim, context: Context) -> bool:
    if not _needs_data(claim, context) or context.dataset is None:
        return False
    return claim.suite_split not in context.dataset.splits


def _not_yet(claim: Claim, context: Context) -> str:
    what = "comparison" if _relative(claim) else "profile" if claim.metric in STRUCTURAL else "measurement"
    name = next(iter(networks(claim, context)), claim.model)
    return f"The {what} of {name} has not been made yet."


def _login(claim: Claim, context: Context) -> str:
    login = context.dataset.login if context.dataset else None
    if login is None:
        return ""
    return (
        f"{'The data need a login' if login.account_url else 'The data are downloaded by hand'}. {login.instructions}"
    )


def _to_train(claim: Claim, context: Context) -> str:
    names = ", ".join(_at_paper_scale(claim, context))
    return f"Weights: {names} must be trained by the paper's recipe, hours to days on a GPU for each seed."


def _how_to_add(claim: Claim, context: Context) -> str:
    left_out = _left_out(claim, context)
    needed = (*context.stages, *(["accuracy"] if "training" in left_out else []), *left_out)
    named = " and ".join(f"“{stage}”" for stage in left_out)
    return f"This page was built without the stage {named}: --config stages={','.join(dict.fromkeys(needed))}."


OBSTACLES: tuple[Obstacle, ...] = (
    Obstacle(
        "meaning",
        lambda claim, context: not _known(claim, context) and _measurable(claim, context),
        lambda claim, context: (
            f"The documents leave open: {claim.variant_why}."
            if claim.variant_why
            else f"No network of the suite stands for “{claim.model}”."
        ),
        for_good=True,
    ),
    Obstacle(
        "quantity",
        lambda claim, context: not _measurable(claim, context),
        lambda claim, context: f"The suite does not measure this quantity: {quantity(claim).replace('_', ' ')}.",
        for_good=True,
    ),
    Obstacle(
        "baseline",
        lambda claim, context: _relative(claim) and claim.baseline is None,
        lambda claim, context: f"No network of the suite stands for “{claim.metric.partition('_vs:')[2]}”.",
        for_good=True,
    ),
    Obstacle(
        "comparison",
        lambda claim, context: _relative(claim) and claim.baseline is not None and not _planned(claim, context),
        lambda claim, context: f"No page plans the comparison with {claim.baseline}.",
        for_good=True,
    ),
    Obstacle(
        "split",
        _unknown_split,
        lambda claim, context: f"The documents leave open which images were scored: “{claim.split}”.",
        for_good=True,
    ),
    Obstacle(
        "machine",
        lambda claim, context: (
            _measurable(claim, context)
            and quantity(claim) in BOUND_TO_MACHINE
            and (named_device(claim) is None or _no_size(claim))
        ),
        lambda claim, context: (
            "The documents leave open the "
            + " and the ".join(["machine"] * (named_device(claim) is None) + ["input size"] * _no_size(claim))
            + ", so that no measurement can be judged by it."
        ),
        for_good=True,
    ),
    Obstacle(
        "page",
        lambda claim, context: (
            not _relative(claim)
            and _measurable(claim, context)
            and _known(claim, context)
            and context.suite_models.isdisjoint(networks(claim, context))
        ),
        lambda claim, context: f"No page has a run of {' or '.join(networks(claim, context))}.",
        for_good=True,
    ),
    Obstacle(
        "run",
        lambda claim, context: (
            not _relative(claim)
            and _measurable(claim, context)
            and not context.suite_models.isdisjoint(networks(claim, context))
            and not _runs_here(claim, context)
        ),
        lambda claim, context: f"No run of {' or '.join(networks(claim, context))} on this dataset is planned.",
        for_good=True,
    ),
    Obstacle(
        "data not public",
        lambda claim, context: (
            _needs_data(claim, context) and context.dataset is not None and context.dataset.availability == "not public"
        ),
        lambda claim, context: "The data are not public.",
        for_good=True,
    ),
    Obstacle(
        "login",
        lambda claim, context: (
            _needs_data(claim, context) and context.dataset is not None and context.dataset.login is not None
        ),
        _login,
    ),
    Obstacle(
        "weights",
        lambda claim, context: bool(_by_hand(claim, context)),
        lambda claim, context: (
            "The authors' weights are downloaded by hand. "
            + " ".join(context.placed_weights[m] for m in _by_hand(claim, context))
        ),
    ),
    Obstacle("GPU", lambda claim, context: bool(_at_paper_scale(claim, context)), _to_train),
    Obstacle(
        "stage",
        lambda claim, context: _known(claim, context) and bool(_left_out(claim, context)),
        _how_to_add,
    ),
    Obstacle(
        "device",
        lambda claim, context: (
            _measurable(claim, context) and quantity(claim) in BOUND_TO_MACHINE and named_device(claim) is not None
        ),
        lambda claim, context: f"It is judged on the paper's machine only: {claim.hardware}.",
    ),
    Obstacle(
        "server",
        _hidden,
        lambda claim, context: (
            f"The labels of the split “{claim.suite_split}” are hidden: predictions are scored by the owner's server"
            " (reports/server/README.md)."
        ),
    ),
)


def _no_size(claim: Claim) -> bool:
    return claim.image_size is None and quantity(claim) in {"fps", "speedup"}

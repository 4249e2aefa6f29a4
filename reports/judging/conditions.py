"""On which conditions a verdict rests: readings, and departures from the authors' way."""

from collections.abc import Iterator, Sequence

from data_manifests.schemas.claim import Claim

from .context import Context
from .evidence import Measurement
from .outcome import Condition
from .recipes import against_the_text, listed, own_choices


def conditions_of(claim: Claim, measured: Sequence[Measurement], context: Context) -> tuple[Condition, ...]:
    """All readings and departures that a verdict rests on.

    Args:
        claim: of a paper about its own model.
        measured: of one run, or of one comparison: a number for each seed.
        context: the page.
    """
    first = measured[0]
    found = [*_weights(claim, first, context), *_networks(claim, first), *_split(claim, first)]
    return (*found, *_scoring(claim, first, context), *_recipe(first, context), *_circumstances(claim, first))


def departures(measured: Measurement, context: Context) -> tuple[Condition, ...]:
    """What of a training is not the authors' own, for a number that stands beside no claim."""
    return tuple(condition for condition in _recipe(measured, context) if condition.kind == "departure")


def open_to_doubt(claim: Claim, measured: Measurement, context: Context) -> bool:
    """Whether it is open that the claim is about this number at all, so that a miss says nothing against the claim."""
    run = measured.run
    one_of_several = run is not None and run.model != claim.variant
    unclear = run is not None and run.model in context.unclear_weights and measured.weights == "official"
    of_scores = measured.protocol is not None or measured.split is not None
    another_split = measured.split is not None and measured.split == claim.other_split
    return one_of_several or (unclear and of_scores) or another_split


def _weights(claim: Claim, measured: Measurement, context: Context) -> Iterator[Condition]:
    """Published weights that may be those of several models of the suite."""
    run = measured.run
    unclear = context.unclear_weights.get(run.model) if run else None
    if unclear and run and run.model not in claim.candidates and measured.weights == "official":
        yield Condition(kind="reading", about="weights", text=unclear.why, fitted=True)


def _networks(claim: Claim, measured: Measurement) -> Iterator[Condition]:
    """Why these networks stand for the paper's model and for its baseline."""
    if measured.run is not None and measured.run.model in claim.candidates:
        text = f"{measured.run.model} is one of {len(claim.candidates)} that it can be: {claim.variant_why}"
        yield Condition(kind="reading", about="network", text=text, fitted=True)
    elif claim.variant_why:
        text = f"{claim.variant}: {claim.variant_why}"
        yield Condition(kind="reading", about="network", text=text, fitted=claim.variant_fitted)
    if claim.baseline_why:
        text = f"{claim.baseline}: {claim.baseline_why}"
        yield Condition(kind="reading", about="baseline", text=text, fitted=claim.baseline_fitted)
    if measured.run is None and claim.variant is None:
        yield Condition(
            kind="reading", about="network", text=f"the paper does not say that it means {measured.model}", fitted=True
        )


def _split(claim: Claim, measured: Measurement) -> Iterator[Condition]:
    if measured.split is None:
        return
    if measured.split == claim.other_split:
        yield Condition(kind="reading", about="split", text=claim.other_split_why or "", fitted=True)
    elif claim.suite_split != claim.split:
        implied = claim.split.startswith(claim.suite_split) or "implied" in claim.split
        text = (
            f"the paper only implies the split: “{claim.split}”"
            if implied
            else f"what the paper calls “{claim.split}” is the split “{claim.suite_split}”"
        )
        yield Condition(kind="reading", about="split", text=text)


def _scoring(claim: Claim, measured: Measurement, context: Context) -> Iterator[Condition]:
    """The scoring rules, where no source states them."""
    if measured.protocol is None:
        return
    if claim.scoring is None:
        text = f"the paper does not state its scoring; scored by the suite's protocol “{measured.protocol}”"
        yield Condition(kind="reading", about="scoring", text=text)
        return
    if claim.scoring_why:
        yield Condition(kind="reading", about="scoring", text=claim.scoring_why)
    protocol = context.protocols.get(measured.protocol)
    if protocol is not None and protocol.inferred is not None:
        text = f"no source states the protocol “{protocol.title}”; it was inferred from {protocol.inferred}"
        fitted = claim.metric.partition(".")[0] in protocol.fitted
        yield Condition(kind="reading", about="scoring", text=text, fitted=fitted)


def _recipe(measured: Measurement, context: Context) -> Iterator[Condition]:
    """What of a training is not the authors' own, and where their code and their paper are at odds."""
    if own := own_choices(measured.trained, context.recipes):
        yield Condition(kind="departure", about="recipe", text=f"the suite chose {listed(own)}")
    for text in against_the_text(measured.trained, context.recipes):
        yield Condition(kind="reading", about="recipe", text=f"as in the authors' code: {text}")
    if measured.trained and measured.run is None:
        text = "one pair of trainings; the interval is over images and not over seeds"
        yield Condition(kind="departure", about="seeds", text=text)


def _circumstances(claim: Claim, measured: Measurement) -> Iterator[Condition]:
    """The machine and the input of what was timed."""
    if measured.device is None:
        return
    text = f"the paper's machine: {claim.hardware or 'not stated'}; ours: {measured.conditions}"
    yield Condition(kind="departure", about="device", text=text)
    if claim.image_size and measured.size and sorted(claim.image_size) != sorted(measured.size):
        size, ours = ("x".join(map(str, pair)) for pair in (claim.image_size, measured.size))
        yield Condition(kind="departure", about="protocol", text=f"input of {ours} instead of {size}")

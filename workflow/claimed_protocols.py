"""The protocols that a run's claims go by, and what they ask of a prediction."""

from functools import cache
from pathlib import Path

from data_manifests import loader
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.protocol import Inference, Protocol
from segrepro.errors import SegReproError
from segrepro.kept import kept

KEPT = Path(".cache/claimed_protocols")
"""What an earlier plan found, so that the next need not read every number of every paper."""


def claimed_protocols(model: str, dataset: str) -> tuple[str, ...]:
    """Protocols with an inference of their own that a prediction of a model on a dataset has to be made under.

    Args:
        model: name of the suite's model.
        dataset: name of the dataset's manifest.

    Returns:
        Those of the papers' own claims about the two, in alphabetical order; without claims of speed, which nothing
        scores. Claims on splits whose labels are hidden, which no prediction here can be scored on, count only where
        their protocol needs no further pass of the network: then it costs nothing to show what difference it makes.
    """
    return tuple(_all_claimed().get(f"{dataset}/{model}", ()))


def single_scale_claims(model: str, dataset: str) -> dict[str, Protocol]:
    """The papers' own claims of an mIoU of a model on a dataset that a protocol of the suite scores after one pass.

    Returns:
        That protocol by the id of the claim, of claims on splits whose labels are not hidden.

    Raises:
        SegReproError: there is none.
    """
    protocols = loader.protocols()
    known = {
        claim.id: protocols[claim.scoring]
        for claim in _claims_of(model, dataset)
        if claim.metric == "miou" and claim.scoring is not None and protocols[claim.scoring].inference is None
    }
    if not known:
        raise SegReproError(
            f"{model} on {dataset}: found no claim of an mIoU at a single scale that is known to be scored by a "
            "protocol of the suite; expected one to depart from. Name its protocol in data_manifests/papers"
        )
    return known


def inference_of(protocol: str) -> Inference:
    """The inference of a protocol.

    Raises:
        SegReproError: there is no such protocol, or it has none of its own.
    """
    having = {p.id: p.inference for p in loader.protocols().values() if p.inference is not None}
    if protocol not in having:
        raise SegReproError(
            f"--protocol {protocol}: found no inference of its own; expected one of: {', '.join(having)}. All other "
            "protocols score the single scale, which is always predicted"
        )
    return having[protocol]


@cache
def _all_claimed() -> dict[str, list[str]]:
    """The protocols of all models on all datasets, by `<dataset>/<model>`; of most there are none."""
    decide = [Path(__file__), *loader.ROOT.rglob("*.py")]
    for folder in ("papers", "protocols", "datasets"):
        decide += loader.ROOT.glob(f"{folder}/*.yaml")
    found: dict[str, list[str]] = kept(KEPT, decide, _find_all_claimed)
    return found


def _find_all_claimed() -> dict[str, list[str]]:
    models = sorted({claim.variant for claim in _claims() if claim.own and claim.variant is not None})
    found = {f"{dataset}/{model}": _find_claimed(model, dataset) for dataset in loader.datasets() for model in models}
    return {run: protocols for run, protocols in found.items() if protocols}


def _find_claimed(model: str, dataset: str) -> list[str]:
    everywhere = {claim.scoring for claim in _own_claims(model, dataset) if claim.metric != "fps"}
    scorable = {claim.scoring for claim in _claims_of(model, dataset) if claim.metric != "fps"}
    return [
        p.id
        for p in loader.protocols().values()
        if p.inference is not None and p.id in (everywhere if p.inference.needs_no_further_pass else scorable)
    ]


def _claims_of(model: str, dataset: str) -> list[Claim]:
    """The papers' own claims about a model on a dataset, on splits that can be scored here."""
    hidden = {name for name, split in loader.dataset(dataset).splits.items() if split.labels == "hidden"}
    return [claim for claim in _own_claims(model, dataset) if claim.suite_split not in hidden]


def _own_claims(model: str, dataset: str) -> list[Claim]:
    """The papers' own claims about a model on a dataset."""
    manifest = loader.dataset(dataset)
    named = {manifest.id, *manifest.claim_names}
    return [claim for claim in _claims() if claim.own and claim.variant == model and claim.dataset in named]


@cache
def _claims() -> tuple[Claim, ...]:
    return loader.claims()

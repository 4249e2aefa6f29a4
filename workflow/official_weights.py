"""The authors' published weights of a model, as the manifests of checkpoints name them."""

from collections.abc import Iterable
from pathlib import Path

from data_manifests.schemas.checkpoint import CheckpointCollection
from segrepro.errors import SegReproError

from .data.fetch.placement import find_placed, placed_checkpoint

WEIGHTS = Path("weights")
"""Folder of `<collection>/<file>`."""


def checkpoint_file(collections: Iterable[CheckpointCollection], model: str, dataset: str, mirror: Path | None) -> Path:
    """The authors' file for a model on a dataset: where it will be fetched to, or where a person placed it.

    Args:
        collections: all that have a manifest.
        model: name of the suite's model.
        dataset: name of the dataset's manifest.
        mirror: the other place where a person may have put it.

    Raises:
        SegReproError: none is published, or only a person can bring it and nobody has.
    """
    for collection in collections:
        for file in collection.files:
            if (file.model, file.dataset) == (model, dataset):
                return WEIGHTS / collection.id / file.file
        for placed in collection.placed:
            if (placed.model, placed.dataset) == (model, dataset):
                return placed_checkpoint(collection, placed, WEIGHTS, mirror)
    raise SegReproError(
        f"data_manifests/checkpoints: no published weights of {model} for {dataset};"
        " take the route `retrained` in config/reports or add the file to a manifest"
    )


def missing_weights(collections: Iterable[CheckpointCollection], dataset: str, mirror: Path | None) -> set[str]:
    """The models whose weights for a dataset only a person can bring, and nobody has."""
    return {
        placed.model
        for collection in collections
        for placed in collection.placed
        if placed.dataset == dataset and find_placed(collection, placed, WEIGHTS, mirror) is None
    }

"""Which facts decide what the stages make of a dataset; any other, and every comment, may be reworded freely."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet


def of_prepared_files(manifest: Dataset, labels: LabelSet, checksums: Mapping[str, str] | None) -> list[str]:
    """What decides the files of a prepared dataset.

    Args:
        manifest: the dataset.
        labels: its classes and void.
        checksums: sha256 by path of the prepared files, if the manifest has a list.

    Returns:
        One line of JSON for each fact; the order in which the files state them does not count.
    """
    stated = manifest.model_dump(
        mode="json", include={"preparation", "needs", "generator", "image_size", "layout", "category_ids"}
    )
    return _lines(
        stated
        | {
            "splits": _splits(manifest),
            "sources": [(s.file, s.folder, s.wanted, s.digest and s.digest[1]) for s in manifest.sources],
            "checksums": checksums,
            "classes": [(c.name, sorted(c.owners_colors)) for c in labels.classes],
            "void": (labels.void.label, sorted(labels.void.owners_colors)),
        }
    )


def of_verification(manifest: Dataset, labels: LabelSet, checksums: Mapping[str, str] | None) -> list[str]:
    """What a prepared dataset is checked against; arguments and result as for `of_prepared_files`."""
    return _lines(
        {"splits": _splits(manifest), "known_bad": [(bad.image, bad.tolerated) for bad in manifest.known_bad_files]}
        | manifest.model_dump(mode="json", include={"layout", "image_size", "reduce_zero_label"})
        | {
            "splits_of_sources": [source.splits for source in manifest.sources],
            "checksums": checksums,
            "colors": [c.color for c in labels.classes],
            "void": (labels.void.label, labels.void.color),
        }
    )


def of_predictions(labels: LabelSet) -> list[str]:
    """What decides how the pixels that a network predicts are counted and drawn; result as for `of_prepared_files`."""
    return _lines(
        {
            "classes": [(c.name, c.color, c.instances) for c in labels.classes],
            "void": (labels.void.label, labels.void.color),
        }
    )


def hashes_of(manifest: Dataset, labels: LabelSet, checksums: Mapping[str, str] | None) -> dict[str, str]:
    """What stands for these facts; arguments as for `of_prepared_files`.

    Returns:
        `facts_sha256`, of what the dataset is checked against, and `preparation_sha256`, of what decides its files.
    """
    given = manifest, labels, checksums
    return {
        name: hashlib.sha256("\n".join(facts).encode()).hexdigest()
        for name, facts in (("facts_sha256", of_verification(*given)), ("preparation_sha256", of_prepared_files(*given)))
    }


def as_text(facts: Sequence[str]) -> str:
    """The facts as a file holds them."""
    return "".join(f"{fact}\n" for fact in facts)


def _splits(manifest: Dataset) -> dict[str, Any]:
    return {name: split.model_dump(mode="json", exclude={"note"}) for name, split in manifest.splits.items()}


def _lines(facts: dict[str, Any]) -> list[str]:
    return [json.dumps({fact: facts[fact]}, sort_keys=True) for fact in sorted(facts)]

"""The arrays of `confusion.npz`: names of the images and their counts under each inference rule."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.evidence import Prediction

from .counts import Counts, InstanceCounts


def arrays_of(names: Sequence[str], by_rule: Mapping[str, Counts]) -> dict[str, NDArray[Any]]:
    """Names the arrays of a file.

    Args:
        names: of the images, in the order of the counts.
        by_rule: counts of the images by name of the rule, at least one.

    Returns:
        The names, under `names`. For each rule its confusion array, under the rule's name. Where there are instances,
        to which image and class they belong, once, and for each rule their pixels, under the rule's name with
        `.instance_pixels`.
    """
    arrays: dict[str, NDArray[Any]] = {"names": np.array(names)}
    for rule, counts in by_rule.items():
        arrays[rule] = counts.confusion
        if counts.instances is not None:
            arrays["instance_images"], arrays["instance_classes"] = counts.instances.images, counts.instances.classes
            arrays[f"{rule}.instance_pixels"] = counts.instances.pixels
    return arrays


def shapes_of(record: Prediction) -> dict[str, tuple[int, ...]]:
    """The shape that each array must have in the file next to a `prediction.json`."""
    outputs = len(record.classes) + record.void_predicted
    confusion = (record.images, len(record.classes) + 1, outputs)
    shapes = {"names": (record.images,), **dict.fromkeys(record.inference, confusion)}
    if (k := record.instances) is not None:
        shapes |= {"instance_images": (k,), "instance_classes": (k,)}
        shapes |= {f"{rule}.instance_pixels": (k, outputs) for rule in record.inference}
    return shapes


def counts_of(arrays: Mapping[str, NDArray[Any]], rule: str) -> Counts:
    """The counts of one rule, from the arrays of a file that has them."""
    if "instance_images" not in arrays:
        return Counts(arrays[rule])
    pixels = arrays[f"{rule}.instance_pixels"]
    return Counts(arrays[rule], InstanceCounts(arrays["instance_images"], arrays["instance_classes"], pixels))

"""The ids of classes and instances in the files of Cityscapes, from `cityscapesscripts`.

A pixel of an instance map holds its label id, or 1000 times the label id plus the number of the instance where objects
are annotated one by one; a group of objects (`cargroup`) holds the label id of its class.
"""

from functools import cache

import numpy as np
from cityscapesscripts.helpers.labels import labels as cityscapes_labels
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet
from segrepro.errors import SegReproError

FIRST_INSTANCE = 1000
"""Values of an instance map from here on are instances; smaller values are label ids."""


@cache
def train_ids(label_set: LabelSet) -> NDArray[np.int64]:
    """The class that each value of an instance map means.

    Args:
        label_set: classes named as in Cityscapes.

    Returns:
        Shape (V,): train id by value, the label of void where the label set has no such class, -1 where
        Cityscapes has no such value.

    Raises:
        SegReproError: the label set has a class that Cityscapes has not, or instances where Cityscapes has none.
    """
    named = _named(label_set)
    table = np.full((max(label.id for label in cityscapes_labels) + 1) * FIRST_INSTANCE, -1, np.int64)
    for label in cityscapes_labels:
        if label.id >= 0:
            train_id = named.get(label.name, label_set.void.label)
            table[label.id] = train_id
            if label.hasInstances:
                table[label.id * FIRST_INSTANCE :][:FIRST_INSTANCE] = train_id
    return table


@cache
def label_ids(label_set: LabelSet) -> NDArray[np.uint8]:
    """The label id of each class of a label set, as the benchmark reads predictions.

    Args:
        label_set: C classes named as in Cityscapes.

    Returns:
        Shape (C + 1,): label id by train id; last the one of `unlabeled`, for void.

    Raises:
        SegReproError: as `train_ids`.
    """
    cityscapes = {label.name: label.id for label in cityscapes_labels}
    return np.array([cityscapes[name] for name in (*_named(label_set), "unlabeled")], np.uint8)


def _named(label_set: LabelSet) -> dict[str, int]:
    """Train id by name of class, in the order of the train ids."""
    cityscapes = {label.name: label.hasInstances for label in cityscapes_labels if label.id >= 0}
    if unknown := [c.name for c in label_set.classes if c.name not in cityscapes or c.instances > cityscapes[c.name]]:
        raise SegReproError(
            f"label set {label_set.id}: classes: found {', '.join(unknown)}; expected classes of Cityscapes, with "
            "instances only where Cityscapes has them (cityscapesscripts.helpers.labels). Correct the label set, or "
            "leave out what only Cityscapes has: instance maps and files of label ids"
        )
    return {c.name: train_id for train_id, c in enumerate(label_set.classes)}

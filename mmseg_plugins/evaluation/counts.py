"""Pixel counts of a split, from which scores are computed (NumPy only, so that scoring starts fast)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class InstanceCounts:
    """Pixels of each of K instances by predicted class, which iIoU needs besides the confusion arrays."""

    images: NDArray[np.int64]
    """Shape (K,): position of the instance's image in the split."""
    classes: NDArray[np.int64]
    """Shape (K,): the instance's train id."""
    pixels: NDArray[np.int64]
    """Shape (K, C or C + 1): its pixels by predicted class, the last one void, if predicted."""


@dataclass(frozen=True)
class Counts:
    """Pixel counts of N images over C classes."""

    confusion: NDArray[np.int64]
    """Shape (N, C + 1, C or C + 1): image, true class (last: void), predicted class (last: void, if predicted)."""
    instances: InstanceCounts | None = None
    """None where the dataset keeps no instances."""


def concatenate(parts: Sequence[Counts]) -> Counts:
    """Joins counts of the same classes, at least one, either all with instances or all without, into those of a split.

    Args:
        parts: counts of N1, N2, ... images.

    Returns:
        Counts of N1 + N2 + ... images in this order.
    """
    confusion = np.concatenate([part.confusion for part in parts])
    instances = [part.instances for part in parts if part.instances is not None]
    if not instances:
        return Counts(confusion)
    before = np.cumsum([0] + [len(part.confusion) for part in parts])
    images = np.concatenate([start + kept.images for start, kept in zip(before[:-1], instances, strict=True)])
    classes = np.concatenate([kept.classes for kept in instances])
    return Counts(confusion, InstanceCounts(images, classes, np.concatenate([kept.pixels for kept in instances])))

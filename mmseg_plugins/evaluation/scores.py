"""Scores as arithmetic on confusion matrices (NumPy only, so that scoring starts at once)."""

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol

Counts = NDArray[np.integer] | NDArray[np.floating]
"""Shape (..., C + 1, C or C + 1): true class, the last one void, by predicted class, the last one void where the
network has an output for it. Whole numbers; float64 holds them exactly up to 2^53."""


def applies(protocol: Protocol, *, void_predicted: bool) -> bool:
    """Whether a protocol makes sense for a network: void can be a class only for one that predicts it."""
    return void_predicted or protocol.void != "class"


def metric_names(label_set: LabelSet) -> tuple[str, ...]:
    """The metrics in the order of the last axis of `matrix_scores`, named as in the claims."""
    names = ["miou", "pixel_accuracy", "class_avg_accuracy"]
    if label_set.classes[0].category is not None:
        names.append("category_miou")
    return (*names, *(f"class_iou.{c.name.lower().replace(' ', '_')}" for c in label_set.classes))


def scores(counts: Counts, protocol: Protocol, label_set: LabelSet) -> NDArray[np.float64]:
    """Scores a set of images under a protocol.

    Args:
        counts: confusion arrays of N images, shape (N, C + 1, C or C + 1).
        protocol: scoring rules.
        label_set: the C classes.

    Returns:
        Percent, shape (M,), one value for each of `metric_names`; NaN where undefined.
    """
    if protocol.average == "dataset":
        return matrix_scores(counts.sum(axis=0), protocol, label_set)
    return mean_of_defined(matrix_scores(counts, protocol, label_set), axis=0)


def matrix_scores(matrices: Counts, protocol: Protocol, label_set: LabelSet) -> NDArray[np.float64]:
    """Scores each confusion matrix by itself.

    IoU of a class is TP / (TP + FP + FN), its accuracy TP / (TP + FN), pixel accuracy is the share of right pixels. The
    category IoU is that of Cityscapes: classes of one category taken for each other are right.

    Args:
        matrices: confusion matrices, shape (..., C + 1, C or C + 1).
        protocol: rules for void and absent classes.
        label_set: the C classes.

    Returns:
        Percent, shape (..., M), one value for each of `metric_names`; NaN where undefined.
    """
    classes = len(label_set.classes)
    matrices = matrices[..., :classes, :] if protocol.void == "ignored" else matrices
    iou, accuracy = _iou_and_accuracy(matrices, classes, protocol)
    right = np.trace(matrices, axis1=-2, axis2=-1)
    pixel_accuracy = _ratio(right, matrices.sum(axis=(-2, -1)), protocol)
    means = [mean_of_defined(iou), pixel_accuracy, mean_of_defined(accuracy)]
    names = [c.category for c in label_set.classes]
    if names[0] is not None:
        categories = list(dict.fromkeys(names))
        # The last category is void's.
        membership = np.eye(len(categories) + 1)[[*map(categories.index, names), len(categories)]]
        truths, predictions = matrices.shape[-2:]
        grouped = membership[:truths].T @ matrices @ membership[:predictions]
        means.append(mean_of_defined(_iou_and_accuracy(grouped, len(categories), protocol)[0]))
    return 100 * np.concatenate([np.stack(means, axis=-1), iou], axis=-1)


def mean_of_defined(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Mean over an axis without its NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    number = defined.sum(axis=axis)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def _iou_and_accuracy(
    matrices: Counts, classes: int, protocol: Protocol
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """IoU and accuracy of each class, shape (..., `classes`), as fractions."""
    true_positives = np.diagonal(matrices, axis1=-2, axis2=-1)[..., :classes]
    truth = matrices.sum(axis=-1)[..., :classes]
    predicted = matrices.sum(axis=-2)[..., :classes]
    union = truth + predicted - true_positives
    return _ratio(true_positives, union, protocol), _ratio(true_positives, truth, protocol)


def _ratio(numerator: Counts, denominator: Counts, protocol: Protocol) -> NDArray[np.float64]:
    undefined = np.nan if protocol.absent == "skipped" else 0.0
    out = np.full(np.shape(denominator), undefined)
    return np.divide(numerator, denominator, out=out, where=denominator > 0)

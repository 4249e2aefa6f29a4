"""Scores, computed from per-image pixel counts (NumPy only, so that scoring starts fast).

Every score is a ratio of two sums over pixels, or a mean of such ratios. The counts of an image are first reduced to
these sums; scores of a split, means over images and bootstrap resamples all start from them.
"""

from typing import NamedTuple

import numpy as np
from cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling import args as cityscapes_settings
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol

from .counts import Counts, InstanceCounts

Group = list[int]
"""Train ids of classes that are scored as if they were one."""


Sums = NDArray[np.int64] | NDArray[np.float64]
"""Numbers of pixels; float64 where pixels have weights, as for iIoU and in resamples."""


class Ratios(NamedTuple):
    """Numerators and denominators of G ratios; both may be added up over images."""

    part: Sums
    """Shape (..., G)."""
    whole: Sums
    """Shape (..., G)."""


def applies(protocol: Protocol, *, void_predicted: bool) -> bool:
    """Whether a protocol can score a network: void can be a class only for a network that predicts it."""
    return void_predicted or protocol.void != "class"


def metric_names(label_set: LabelSet, *, instances: bool) -> tuple[str, ...]:
    """The metrics in the order of `scores`, named as in the claims; iIoU only where `instances` were counted."""
    groups = _groups(label_set, instances=instances)
    names = [c.name.lower().replace(" ", "_") for c in label_set.classes]
    return (
        *("miou", "pixel_accuracy", "class_avg_accuracy"),
        *(metric for metric in ("category_miou", "iiou", "category_iiou") if metric in groups),
        *(f"class_iou.{name}" for name in names),
        *(f"class_iiou.{names[train_id]}" for (train_id,) in groups.get("iiou", [])),
    )


def scores(counts: Counts, protocol: Protocol, label_set: LabelSet) -> NDArray[np.float64]:
    """Scores a set of images under a protocol.

    Args:
        counts: counts of N images.
        protocol: scoring rules.
        label_set: the C classes.

    Returns:
        Percent, shape (M,), one value for each of `metric_names`; NaN where undefined.
    """
    ratios = image_ratios(counts, protocol, label_set)
    if protocol.average == "image":
        return mean_of_defined(scores_of_ratios(ratios, protocol), axis=0)
    return scores_of_ratios({m: Ratios(*(sums.sum(axis=0) for sums in r)) for m, r in ratios.items()}, protocol)


def image_ratios(counts: Counts, protocol: Protocol, label_set: LabelSet) -> dict[str, Ratios]:
    """The ratios that scores are computed from, for each image separately.

    IoU of a class is TP / (TP + FP + FN), its accuracy TP / (TP + FN), pixel accuracy is the share of correct pixels.
    Category IoU and iIoU are those of Cityscapes (Cordts et al. 2016, section 4.1). Category IoU treats the classes of
    one category as one class. In iIoU a pixel of an instance has the weight of the average size of its class divided by
    the size of the instance, pixels outside instances (groups) are neither TP nor FN, and FP is that of IoU.

    Args:
        counts: counts of N images.
        protocol: rule for void.
        label_set: the C classes.

    Returns:
        By the metric that is their mean, in the order of `metric_names`; each of shape (N, ...).
    """
    confusion = counts.confusion
    if protocol.void == "ignored":
        confusion = confusion[:, : len(label_set.classes)]
    groups = _groups(label_set, instances=counts.instances is not None)
    truth, predicted, true_positives = _areas(confusion, groups["miou"])
    right = np.trace(confusion, axis1=1, axis2=2)
    ratios = {
        "miou": _iou(truth, predicted, true_positives),
        "pixel_accuracy": Ratios(right[:, None], confusion.sum(axis=(1, 2))[:, None]),
        "class_avg_accuracy": Ratios(true_positives, truth),
    }
    if "category_miou" in groups:
        ratios["category_miou"] = _iou(*_areas(confusion, groups["category_miou"]))
    if counts.instances is not None:
        for metric in ("iiou", "category_iiou"):
            if metric in groups:
                ratios[metric] = _iiou(confusion, counts.instances, groups[metric], label_set)
    return ratios


def scores_of_ratios(ratios: dict[str, Ratios], protocol: Protocol) -> NDArray[np.float64]:
    """Scores from the sums over one set of images, or over several.

    Args:
        ratios: as of `image_ratios`, each of shape (..., G).
        protocol: rule for absent classes.

    Returns:
        Percent, shape (..., M), one value for each of `metric_names`; NaN where undefined.
    """
    undefined = np.nan if protocol.absent == "skipped" else 0.0
    values: dict[str, NDArray[np.float64]] = {
        metric: np.divide(part, whole, out=np.full(whole.shape, undefined), where=whole > 0)
        for metric, (part, whole) in ratios.items()
    }
    means = np.stack([mean_of_defined(value) for value in values.values()], axis=-1)
    single = [values[metric] for metric in ("miou", "iiou") if metric in values]
    return 100 * np.concatenate([means, *single], axis=-1)


def mean_of_defined(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Mean over an axis without its NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    number = defined.sum(axis=axis)
    means: NDArray[np.float64] = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return means


def _groups(label_set: LabelSet, *, instances: bool) -> dict[str, list[Group]]:
    """The groups of classes of each mean; a category has an iIoU only if all its classes have instances."""
    classes = label_set.classes
    categories = [
        [train_id for train_id, c in enumerate(classes) if c.category == category]
        for category in dict.fromkeys(c.category for c in classes)
        if category is not None
    ]
    groups = {"miou": [[train_id] for train_id in range(len(classes))], "category_miou": categories}
    if instances:
        for metric, of in (("iiou", "miou"), ("category_iiou", "category_miou")):
            groups[metric] = [group for group in groups[of] if all(classes[train_id].instances for train_id in group)]
    return {metric: of for metric, of in groups.items() if of}


def _areas(confusion: NDArray[np.int64], groups: list[Group]) -> tuple[NDArray[np.int64], ...]:
    """True, predicted, and rightly predicted pixels of each group, shape (N, G) each."""
    truth, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    return (
        np.stack([truth[:, group].sum(axis=1) for group in groups], axis=1),
        np.stack([predicted[:, group].sum(axis=1) for group in groups], axis=1),
        np.stack([confusion[:, group][:, :, group].sum(axis=(1, 2)) for group in groups], axis=1),
    )


def _iou(truth: NDArray[np.int64], predicted: NDArray[np.int64], true_positives: NDArray[np.int64]) -> Ratios:
    return Ratios(true_positives, truth + predicted - true_positives)


def _iiou(confusion: NDArray[np.int64], instances: InstanceCounts, groups: list[Group], label_set: LabelSet) -> Ratios:
    _, predicted, true_positives = _areas(confusion, groups)
    average = np.array([cityscapes_settings.avgClassSize[c.name] if c.instances else np.nan for c in label_set.classes])
    part, whole = [], []
    for group in groups:
        of_group = np.isin(instances.classes, group)
        images, pixels = instances.images[of_group], instances.pixels[of_group]
        # The weighted TP and FN of an instance add up to the average size of its class. With this order of operations
        # rounding errors cannot make a numerator larger than its denominator.
        weight = average[instances.classes[of_group]]
        found = weight * (pixels[:, group].sum(axis=1) / pixels.sum(axis=1))
        part.append(np.bincount(images, weights=found, minlength=len(confusion)))
        whole.append(np.bincount(images, weights=weight, minlength=len(confusion)))
    return Ratios(np.stack(part, axis=1), np.stack(whole, axis=1) + (predicted - true_positives))

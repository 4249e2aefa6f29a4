"""Pixel counts of one image."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from data_manifests.schemas.label_set import LabelSet
from segrepro.errors import SegReproError

from .cityscapes_ids import FIRST_INSTANCE, train_ids
from .counts import Counts, InstanceCounts

LABEL_VALUES = 256
"""Label maps are 8-bit images."""


class InstanceMap(NamedTuple):
    """An instance map as Cityscapes encodes it (see `cityscapes_ids`)."""

    values: Tensor
    """Shape (H, W), any integer dtype; uint16 as decoded."""
    source: str
    """The file, for error messages."""


def count(
    prediction: Tensor,
    truth: Tensor,
    instances: InstanceMap | None,
    label_set: LabelSet,
    *,
    num_outputs: int,
    source: str,
) -> Counts:
    """Counts the pixels of each pair of true and predicted class, and of each pair of instance and predicted class.

    Both are computed from one histogram over pairs of instance map value and prediction, because each instance has one
    class. The histogram is computed on the device of the prediction.

    Args:
        prediction: predicted train ids, shape (H, W), any integer dtype, 0 <= value < `num_outputs`.
        truth: true train ids, shape (H, W), any integer dtype: 0..C - 1 or void.
        instances: instances of the same image; None where the dataset keeps none.
        label_set: the C classes, and the label of void in `truth`.
        num_outputs: number of outputs of the network: C, or C + 1 where the last one is void.
        source: the label file, for error messages.

    Returns:
        Counts of this one image, its instances in the order of their ids. Only classes that the label set keeps
        instances for have any.

    Raises:
        SegReproError: the sizes differ, a map holds an unknown value, or the two maps disagree on a class.
    """
    _check_size(prediction, truth, source)
    maps = [prediction, truth]
    if instances is not None:
        _check_size(prediction, instances.values, instances.source)
        maps.append(instances.values)
    flat, pixels = _runs(maps) if prediction.device.type == "cpu" else _pixels(maps)
    prediction, truth = flat[0], flat[1]
    _check_labels(truth, label_set, source)
    if instances is None:
        values, classes = truth, torch.arange(LABEL_VALUES, device=truth.device)
    else:
        values, classes = flat[2], torch.from_numpy(train_ids(label_set)).to(truth.device)
        _check_instances(values, truth, classes, instances.source, source)
    occurs = torch.bincount(values, minlength=len(classes)) > 0
    present, position = occurs.nonzero().flatten(), occurs.cumsum(dim=0) - 1
    key = position[values] * num_outputs + prediction
    # The weights are integers, which float64 adds exactly.
    histogram = torch.bincount(key, weights=pixels, minlength=len(present) * num_outputs).long().view(-1, num_outputs)
    classes = classes[present]
    void = len(label_set.classes)
    rows = torch.where(classes == label_set.void.label, void, classes)
    confusion = histogram.new_zeros(void + 1, num_outputs).index_add_(0, rows, histogram).cpu().numpy()[None]
    if instances is None:
        return Counts(confusion)
    kept = torch.tensor([*(c.instances for c in label_set.classes), False], device=rows.device)[rows]
    kept &= present >= FIRST_INSTANCE
    of_instances = (found[kept].cpu().numpy() for found in (torch.zeros_like(rows), rows, histogram))
    return Counts(confusion, InstanceCounts(*of_instances))


def _pixels(maps: list[Tensor]) -> tuple[list[Tensor], None]:
    """The maps' values at each pixel, int64, on the device of the first map; each counts once."""
    return [m.to(maps[0].device, non_blocking=True).flatten().long() for m in maps], None


def _runs(maps: list[Tensor]) -> tuple[list[Tensor], Tensor]:
    """The maps' values at the start of each run of pixels over which none changes, int64, and its length, float64.

    Label maps have about fifty times fewer runs than pixels, so counting runs is faster on a CPU.
    """
    flat = [m.numpy().reshape(-1) for m in maps]
    starts = np.ones(flat[0].size, bool)
    np.not_equal(flat[0][1:], flat[0][:-1], out=starts[1:])
    for values in flat[1:]:
        starts[1:] |= values[1:] != values[:-1]
    positions = np.flatnonzero(starts)
    lengths = np.diff(positions, append=starts.size).astype(np.float64)
    return [torch.from_numpy(values[positions]).long() for values in flat], torch.from_numpy(lengths)


def _check_size(prediction: Tensor, found: Tensor, source: str) -> None:
    if found.shape != prediction.shape:
        raise SegReproError(
            f"{source}: size (height, width): found {tuple(found.shape)}; expected that of the prediction, "
            f"{tuple(prediction.shape)}. Label and image must be of one size: prepare the dataset again"
        )


def _check_labels(truth: Tensor, label_set: LabelSet, source: str) -> None:
    classes, void = len(label_set.classes), label_set.void.label
    unknown = ((truth < 0) | (truth >= classes)) & (truth != void)
    if unknown.any():
        raise SegReproError(
            f"{source}: label values: found {_listed(truth[unknown])}; expected 0 to {classes - 1} or {void} (void). "
            "Prepare the dataset again, or correct the label set"
        )


def _check_instances(values: Tensor, truth: Tensor, classes: Tensor, source: str, label_source: str) -> None:
    within = (values >= 0) & (values < len(classes))
    known = torch.where(within, classes[torch.where(within, values, 0)], -1)
    if (known < 0).any():
        raise SegReproError(
            f"{source}: instance values: found {_listed(values[known < 0])}; expected label ids of Cityscapes, or "
            f"{FIRST_INSTANCE} times one that has instances plus a number. Prepare the dataset again"
        )
    if not torch.equal(known, truth):
        value, label = (int(m[known != truth][0]) for m in (values, truth))
        raise SegReproError(
            f"{source}: found {value}, which is class {int(classes[value])}, where the label map {label_source} has "
            f"class {label}; expected maps that agree. Prepare the dataset again"
        )


def _listed(values: Tensor) -> str:
    return ", ".join(map(str, values.unique()[:10].tolist()))

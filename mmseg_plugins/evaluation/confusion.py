"""Confusion counts of one image."""

import torch
from torch import Tensor

from data_manifests.errors import SegReproError

LABEL_VALUES = 256
"""Label maps are 8-bit images."""


def confusion_counts(
    prediction: Tensor, truth: Tensor, *, classes: int, outputs: int, void_label: int, source: str
) -> Tensor:
    """Counts the pixels of each pair of true and predicted class in one pass.

    Args:
        prediction: predicted train ids, shape (H, W), any integer dtype, 0 <= value < `outputs`.
        truth: true train ids, shape (H, W), any integer dtype, on the device of `prediction`: 0..`classes` - 1 or
            `void_label`.
        classes: number of evaluated classes C.
        outputs: number of outputs of the network: C, or C + 1 where the last one is void.
        void_label: value of void in `truth`, from C to 255.
        source: the label file, for the error message.

    Returns:
        Counts, shape (C + 1, `outputs`), int64, on the device of the inputs. Rows are true classes, the last one void.

    Raises:
        SegReproError: the shapes differ, or `truth` holds a value that is neither a train id nor void.
    """
    if prediction.shape != truth.shape:
        raise SegReproError(
            f"{source}: size (height, width): found {tuple(truth.shape)}; expected that of the prediction, "
            f"{tuple(prediction.shape)}. Label and image must be of one size: prepare the dataset again"
        )
    lowest, highest = (int(value) for value in torch.aminmax(truth))
    if lowest < 0 or highest >= LABEL_VALUES:
        raise _foreign_labels(source, [v for v in (lowest, highest) if not 0 <= v < LABEL_VALUES], classes, void_label)
    # A narrow key halves the memory that is read twice; every label value has its row, so that one count also
    # finds the values that do not belong there.
    key_dtype = torch.int16 if LABEL_VALUES * outputs <= torch.iinfo(torch.int16).max + 1 else torch.int32
    key = truth.to(key_dtype) * outputs + prediction.to(key_dtype)
    counts = torch.bincount(key.flatten(), minlength=LABEL_VALUES * outputs).view(LABEL_VALUES, outputs)
    rows = [*range(classes), void_label]
    matrix = counts[rows]
    if int(matrix.sum()) != truth.numel():
        found = counts.sum(dim=1).nonzero().flatten().tolist()
        raise _foreign_labels(source, [value for value in found if value not in rows], classes, void_label)
    return matrix


def _foreign_labels(source: str, found: list[int], classes: int, void_label: int) -> SegReproError:
    return SegReproError(
        f"{source}: label values: found {', '.join(map(str, found[:10]))}; expected 0 to {classes - 1} or {void_label} "
        "(void). Prepare the dataset again, or correct the label set"
    )

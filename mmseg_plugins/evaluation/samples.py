"""Pictures of a few predictions."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.evidence import Rank
from data_manifests.schemas.label_set import LabelSet

from .counts import Counts

WIDTH = 640
"""Largest width of a sample picture in pixels; a page holds several of them."""

RANKS: dict[int, tuple[Rank, ...]] = {0: (), 1: ("median",), 2: ("best", "worst")}
"""Of a split of few images."""


class Chosen(NamedTuple):
    """An image whose pictures are kept."""

    position: int
    """In the split."""
    rank: Rank
    iou: float
    """Percent."""


def choose_samples(counts: Counts) -> list[Chosen]:
    """Chooses the images of a split whose pictures are kept: by mean IoU the best, the median and the worst.

    The mean is over the classes that an image shows or that are predicted in it; pixels labelled void do not count. Of
    an even number of images the lower of the two in the middle is the median; of equal ones the first is taken.

    Args:
        counts: of N images.

    Returns:
        In this order. Of two images there is no median, and of one image it is the only one. Images without a class
        are left out.
    """
    classes = counts.confusion.shape[1] - 1
    inside = counts.confusion[:, :classes, :]
    hits = np.diagonal(inside[:, :, :classes], axis1=1, axis2=2)
    union = inside.sum(axis=2) + inside.sum(axis=1)[:, :classes] - hits
    present = union > 0
    iou = np.divide(hits, union, out=np.zeros(hits.shape), where=present)
    means = 100 * iou.sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    ordered = sorted((i for i in range(len(means)) if present[i].any()), key=lambda i: (-means[i], i))
    middle = len(ordered) // 2
    ranks: tuple[Rank, ...] = RANKS.get(len(ordered), ("best", "median", "worst"))
    at = {"best": 0, "median": middle, "worst": len(ordered) - 1}
    return [Chosen(ordered[at[rank]], rank, float(means[ordered[at[rank]]])) for rank in ranks]


def colored(label_map: NDArray[np.uint8], label_set: LabelSet) -> NDArray[np.uint8]:
    """Colors a label map with the label set's palette.

    Args:
        label_map: shape (H, W): train ids; the void label and the void output of a network are both void.
        label_set: classes and void.

    Returns:
        RGB, shape (H, W, 3).
    """
    palette = np.full((256, 3), label_set.void.color, dtype=np.uint8)
    palette[: len(label_set.classes)] = [c.color for c in label_set.classes]
    return palette[label_map]


def png(picture: NDArray[np.uint8], *, interpolation: int) -> bytes:
    """Encodes a picture, reduced to `WIDTH`.

    Args:
        picture: BGR, shape (H, W, 3).
        interpolation: OpenCV's flag for the reduction.

    Returns:
        The content of a PNG file.
    """
    height, width = picture.shape[:2]
    if width > WIDTH:
        size = (WIDTH, round(height * WIDTH / width))
        picture = np.asarray(cv2.resize(picture, size, interpolation=interpolation), np.uint8)
    return cv2.imencode(".png", picture)[1].tobytes()

"""Pictures of a few predictions."""

import cv2
import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet

SAMPLES = 3
WIDTH = 640
"""Largest width of a sample picture in pixels; a page holds several of them."""


def sample_indices(num_images: int) -> list[int]:
    """Positions of the sample images: the middles of equal parts of the split."""
    parts = min(SAMPLES, num_images)
    return [(2 * part + 1) * num_images // (2 * parts) for part in range(parts)]


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

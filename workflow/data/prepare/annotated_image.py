"""Label maps from outlines as COCO writes them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from segrepro.errors import SegReproError

from .write_png import write_png


@dataclass(frozen=True)
class AnnotatedImage:
    """One image with its outlines."""

    label_map: Path
    """The PNG file that is to hold its labels."""
    height: int
    width: int
    outlines: tuple[tuple[int, Any], ...]
    """Pairs of label, 1 to 255, and segmentation. A segmentation is a list of polygons `x, y, x, y, ...` in pixels, which
    are united, or run lengths: a mapping of `size` (height, width) and `counts`, a list of numbers or COCO's compressed
    text. Where outlines overlap the first is seen."""


def draw(image: AnnotatedImage) -> NDArray[np.uint8]:
    """Draws an image's labels, shape (height, width); 0 where there is no outline.

    Raises:
        SegReproError: an outline is none that COCO's own code reads, or lies in an image of another size.
    """
    labels = np.zeros((image.height, image.width), np.uint8)
    try:
        for label, segmentation in image.outlines:
            labels[(labels == 0) & _mask(segmentation, image.height, image.width)] = label
    except Exception as error:  # the reader raises whatever the form leads to
        raise SegReproError(
            f"annotations of {image.label_map.stem}: found an outline that cannot be drawn "
            f"({type(error).__name__}: {error}); expected polygons or run lengths in {image.width}x{image.height} pixels; "
            f"put the owner's file in place of the annotations and remove {image.label_map.parent}"
        ) from error
    return labels


def write_label_map(image: AnnotatedImage, more_than: int = -1) -> bool:
    """Writes the label map if more pixels than `more_than` are labelled; one that is there already is kept.

    Returns:
        Whether the image has a label map.
    """
    if image.label_map.exists():
        return True
    labels = draw(image)
    if np.count_nonzero(labels) <= more_than:
        return False
    write_png(image.label_map, labels)
    return True


def _mask(segmentation: Any, height: int, width: int) -> NDArray[np.bool_]:
    """Where one outline is, shape (height, width)."""
    compressed = isinstance(segmentation, dict) and isinstance(segmentation["counts"], str | bytes)
    runs = segmentation if compressed else coco_mask.frPyObjects(segmentation, height, width)
    parts = coco_mask.decode(runs)
    mask: NDArray[np.bool_] = parts.any(axis=2) if parts.ndim == 3 else parts.astype(bool)
    return mask

"""Enlarging of images that are smaller than the crop, as ShelfNet-lw's authors do."""

from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class EnlargeToCrop(BaseTransform):
    """Enlarges an image that is smaller than a square crop, until its short side is one pixel longer than the crop.

    Reads and changes `img`, uint8 (H, W, 3), bilinear, and every map in `seg_fields` (H, W), nearest neighbour. Sides
    keep their ratio up to rounding. Larger images stay as they are.

    Args:
        crop_size: side of the crop in pixels.
    """

    def __init__(self, crop_size: int) -> None:
        self.crop_size = crop_size

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Enlarges the image and its maps alike."""
        height, width = results["img"].shape[:2]
        short = min(height, width)
        if short >= self.crop_size:
            return results
        size = tuple(int(self.crop_size / short * side + 1) for side in (width, height))
        for key, interpolation in {
            "img": "bilinear",
            **dict.fromkeys(results.get("seg_fields", []), "nearest"),
        }.items():
            results[key] = mmcv.imresize(np.asarray(results[key]), size, interpolation=interpolation, backend="pillow")
        results["img_shape"] = results["img"].shape[:2]
        return results

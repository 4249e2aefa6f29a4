"""Rotation that fills the corners with the image's reflection, which has no label."""

from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomRotateReflect(BaseTransform):
    """Rotates image and maps by a whole number of degrees about the centre; the size stays.

    Reads and changes `img` (H, W, 3), bilinear, with the image reflected beyond its border, and every map in
    `seg_fields` (H, W), nearest neighbour. MMSegmentation's `RandomRotate` fills the corners with a constant.

    Args:
        max_degree: largest angle; the angle is drawn from -max_degree..max_degree, both ends included.
        seg_fill: label of pixels outside the image.
    """

    def __init__(self, max_degree: int, seg_fill: int) -> None:
        self.max_degree = max_degree
        self.seg_fill = seg_fill

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Rotates the image and its maps alike."""
        angle = np.random.randint(-self.max_degree, self.max_degree + 1)
        results["img"] = mmcv.imrotate(results["img"], angle, border_mode="reflect_101")
        for key in results.get("seg_fields", []):
            results[key] = mmcv.imrotate(results[key], angle, border_value=self.seg_fill, interpolation="nearest")
        return results

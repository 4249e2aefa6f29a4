"""Padding with the image's reflection, which has no label."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PadReflect(BaseTransform):
    """Pads sides that are shorter than a square crop equally at both ends, up to one odd pixel.

    Reads and changes `img` (H, W, 3), reflected at its border, and every map in `seg_fields` (H, W), with a constant.
    MMCV's `Pad` treats both alike.

    Args:
        size: least height and width in pixels.
        seg_fill: label of the padding.
    """

    def __init__(self, size: int, seg_fill: int) -> None:
        self.size = size
        self.seg_fill = seg_fill

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Pads the image and its maps alike."""
        missing = [max(self.size - side, 0) for side in results["img"].shape[:2]]
        if not any(missing):
            return results
        margins = [(pixels // 2, pixels - pixels // 2) for pixels in missing]
        results["img"] = np.pad(results["img"], [*margins, (0, 0)], mode="reflect")
        for key in results.get("seg_fields", []):
            results[key] = np.pad(results[key], margins, constant_values=self.seg_fill)
        results["img_shape"] = results["img"].shape[:2]
        return results

"""The zoom of ESPNet's authors."""

from typing import Any

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomCropResize(BaseTransform):
    """With some probability, cuts the same margin off opposite sides and resizes what is left to the former size.

    Reads and changes `img` (H, W, 3), by bilinear interpolation, and every map in `seg_fields` (H, W), by nearest
    neighbour. Images should be loaded as float32, as the authors' are, or the interpolation is rounded.

    Args:
        max_margin: largest margin in pixels; horizontal and vertical margins are drawn independently from
            0..max_margin, both ends included.
        prob: probability of the zoom.
    """

    def __init__(self, max_margin: int, prob: float = 0.5) -> None:
        self.max_margin = max_margin
        self.prob = prob

    def margins(self) -> tuple[int, int] | None:
        """Draws the horizontal and the vertical margin, or None for no zoom."""
        if np.random.rand() >= self.prob:
            return None
        x, y = np.random.randint(0, self.max_margin + 1, size=2)
        return int(x), int(y)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Zooms the image and its maps alike."""
        drawn = self.margins()
        if drawn is None:
            return results
        x, y = drawn
        height, width = results["img"].shape[:2]
        for key, interpolation in {
            "img": "bilinear",
            **dict.fromkeys(results.get("seg_fields", []), "nearest"),
        }.items():
            inner = results[key][y : height - y, x : width - x]
            results[key] = mmcv.imresize(inner, (width, height), interpolation=interpolation, backend="cv2")
        return results

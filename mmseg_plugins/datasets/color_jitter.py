"""Brightness, contrast and saturation, each by a factor, in this order."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS
from torchvision.transforms.functional import (
    adjust_brightness,
    adjust_contrast,
    adjust_saturation,
    to_pil_image,
)


@TRANSFORMS.register_module()
class ColorJitter(BaseTransform):
    """Mixes `img` with black, then with its mean grey, then with its grey version, as PIL's `ImageEnhance` does.

    Reads and changes `img`, uint8 (H, W, 3), BGR. MMSegmentation's `PhotoMetricDistortion` adds instead of multiplies,
    skips each step at random, and changes the hue as well. torchvision's `ColorJitter` shuffles the order.

    Args:
        factors: least and largest factor; 1 changes nothing. One is drawn for each of the three steps.
    """

    def __init__(self, factors: tuple[float, float]) -> None:
        self.factors = factors

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Changes the image's colours; the label map stays."""
        image = to_pil_image(np.ascontiguousarray(results["img"][..., ::-1]))
        for adjust in (adjust_brightness, adjust_contrast, adjust_saturation):
            image = adjust(image, np.random.uniform(*self.factors))
        results["img"] = np.ascontiguousarray(np.asarray(image)[..., ::-1])
        return results

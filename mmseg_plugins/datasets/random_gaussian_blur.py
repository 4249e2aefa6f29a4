"""Blur as ShelfNet's authors apply it."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS
from PIL import Image
from PIL.ImageFilter import GaussianBlur


@TRANSFORMS.register_module()
class RandomGaussianBlur(BaseTransform):
    """With some probability, blurs `img`, uint8 (H, W, 3), with PIL's Gaussian of a random radius.

    Args:
        max_radius: upper end of the radius in pixels, which is drawn uniformly from 0 on; to PIL it is the standard
            deviation.
        prob: probability of the blur.
    """

    def __init__(self, max_radius: float, prob: float) -> None:
        self.max_radius = max_radius
        self.prob = prob

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Blurs the image; the label map stays."""
        if np.random.rand() < self.prob:
            blur = GaussianBlur(np.random.uniform(0, self.max_radius))
            results["img"] = np.array(Image.fromarray(results["img"]).filter(blur))
        return results

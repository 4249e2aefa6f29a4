"""Scoring at the size of the network's input."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ScoreAtInputSize(BaseTransform):
    """Resizes logits to the present size of the image, instead of the size of the file.

    For test pipelines that crop, resize or pad the label map together with the image, as some authors do.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Sets `ori_shape` to `img_shape`."""
        results["ori_shape"] = results["img_shape"]
        return results

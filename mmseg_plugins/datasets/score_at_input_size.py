"""Scoring at the size of the network's input."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ScoreAtInputSize(BaseTransform):
    """Resizes logits to the present size of the image, instead of the size of the file.

    For test pipelines that crop, resize or pad the label map together with the image, as some authors do. Without a
    label map there is nothing to score, and logits are resized to the size of the file.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Sets `ori_shape` to `img_shape`, where there is a label map."""
        if results.get("seg_fields"):
            results["ori_shape"] = results["img_shape"]
        return results

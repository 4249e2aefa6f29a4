"""A label map that augmentation leaves alone."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class KeepTruth(BaseTransform):
    """Lets what follows change the image alone, not its label map.

    For tests at several scales and flips, whose logits MMSegmentation brings back to where the label map is.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Empties `seg_fields`; the map itself stays."""
        return {**results, "seg_fields": []}

"""Void as a class of the training."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class VoidAsClass(BaseTransform):
    """Gives void pixels of `gt_seg_map` a label that the loss does not ignore.

    For training only: in validation and testing void must keep the label that the metric ignores.

    Args:
        void: label of void in the label maps.
        label: index of the network's output for void.
    """

    def __init__(self, void: int, label: int) -> None:
        self.void = void
        self.label = label

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Relabels the void pixels of `gt_seg_map`, uint8 (H, W)."""
        labels = results["gt_seg_map"]
        results["gt_seg_map"] = np.where(labels == self.void, labels.dtype.type(self.label), labels)
        return results

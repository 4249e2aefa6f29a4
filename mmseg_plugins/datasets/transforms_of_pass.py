"""What the passes of one epoch do differently."""

from collections.abc import Sequence
from typing import Any

from mmcv.transforms import BaseTransform, Compose
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class TransformsOfPass(BaseTransform):
    """Runs the transforms of the pass that a sample belongs to; `PassBatchSampler` says which.

    Args:
        transforms: for each pass of an epoch, its transforms.
    """

    def __init__(self, transforms: Sequence[Sequence[dict[str, Any]]]) -> None:
        self.transforms = [Compose(steps) for steps in transforms]

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Runs them on `results`, whose `pass_number` counts from 0; a lone sample is one of the first pass."""
        transformed: dict[str, Any] = self.transforms[results.get("pass_number", 0)](results)
        return transformed

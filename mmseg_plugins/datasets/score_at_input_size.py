"""Where logits and truth meet."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ScoreAtInputSize(BaseTransform):
    """Makes the present size of the image the one that logits are brought back to, in place of the file's.

    For test pipelines that crop, resize or pad the label map with the image, as some authors score.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Sets `ori_shape` to `img_shape`."""
        results["ori_shape"] = results["img_shape"]
        return results

"""A fixed crop."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError


@TRANSFORMS.register_module()
class CropRows(BaseTransform):
    """Keeps some rows of `img`, (H, W, 3), and of every map in `seg_fields`, (H, W).

    Args:
        start: first row that is kept.
        stop: first row that is not kept any more.
    """

    def __init__(self, start: int, stop: int) -> None:
        self.start = start
        self.stop = stop

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Crops the image and its maps alike.

        Raises:
            SegReproError: the image has fewer rows.
        """
        if results["img"].shape[0] < self.stop:
            raise SegReproError(
                f"{results['img_path']}: found {results['img'].shape[0]} rows; expected at least {self.stop}, where "
                "CropRows of the config stops. Use the config on the dataset that it was written for"
            )
        for key in ("img", *results.get("seg_fields", [])):
            results[key] = results[key][self.start : self.stop]
        results["img_shape"] = results["img"].shape[:2]
        return results

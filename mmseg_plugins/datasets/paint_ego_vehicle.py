"""The ego vehicle painted over, as the 2017 ladder networks were trained on Cityscapes."""

from typing import Any

from cityscapesscripts.helpers.labels import name2label
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

_EGO_VEHICLE = name2label["ego vehicle"].id


@TRANSFORMS.register_module()
class PaintEgoVehicle(BaseTransform):
    """Paints the pixels that Cityscapes labels `ego vehicle`, and the bottom rows, in one colour.

    Changes `img`, uint8 (H, W, 3), and takes the map `gt_label_ids` of the same size, which `LoadLabelIds` reads, away.

    Args:
        color: in the channel order of the image.
        bottom_rows: number of rows at the bottom that are always painted.
    """

    def __init__(self, color: tuple[int, int, int], bottom_rows: int = 0) -> None:
        self.color = color
        self.bottom_rows = bottom_rows

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Paints the image."""
        image = results["img"].copy()
        image[results["gt_label_ids"] == _EGO_VEHICLE] = self.color
        image[image.shape[0] - self.bottom_rows :] = self.color
        kept = {key: value for key, value in results.items() if key != "gt_label_ids"}
        fields = [field for field in results["seg_fields"] if field != "gt_label_ids"]
        return {**kept, "img": image, "seg_fields": fields}

"""The ego vehicle painted over, as the 2017 ladder networks were trained on Cityscapes."""

from typing import Any

import cv2
from cityscapesscripts.helpers.labels import name2label
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError

_EGO_VEHICLE = name2label["ego vehicle"].id


@TRANSFORMS.register_module()
class PaintEgoVehicle(BaseTransform):
    """Paints the pixels that Cityscapes labels `ego vehicle`, and the bottom rows, in one colour.

    Reads the owner's `*_labelIds.png` next to the `*_labelTrainIds.png` at `seg_map_path`, in which the ego vehicle is
    only void, and changes `img`, uint8 (H, W, 3), at its original size.

    Args:
        color: in the channel order of the image.
        bottom_rows: number of rows at the bottom that are always painted.
    """

    def __init__(self, color: tuple[int, int, int], bottom_rows: int = 0) -> None:
        self.color = color
        self.bottom_rows = bottom_rows

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Paints the image.

        Raises:
            SegReproError: the split is hidden, or there is no map of label ids of the image's size.
        """
        image = results["img"].copy()
        if "seg_map_path" not in results:
            raise SegReproError(
                f"{results['img_path']}: found no label map; expected one, because the ego vehicle is found by its"
                " label ids. Hidden splits have no labels: use this config without them"
            )
        file = results["seg_map_path"].replace("_labelTrainIds.png", "_labelIds.png")
        ids = cv2.imread(file, cv2.IMREAD_UNCHANGED)
        if ids is None or ids.shape != image.shape[:2]:
            found = "no image" if ids is None else f"an array of shape {ids.shape}"
            raise SegReproError(
                f"{file}: found {found}; expected the owner's label ids, shape {image.shape[:2]}. Prepare the dataset "
                "again; its archive of labels holds this file"
            )
        image[ids == _EGO_VEHICLE] = self.color
        image[image.shape[0] - self.bottom_rows :] = self.color
        return {**results, "img": image}

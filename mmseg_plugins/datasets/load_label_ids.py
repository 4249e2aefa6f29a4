"""Cityscapes' label ids beside its train ids."""

from typing import Any

import cv2
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError


@TRANSFORMS.register_module()
class LoadLabelIds(BaseTransform):
    """Adds the map `gt_label_ids`, uint8 (H, W), to `seg_fields`, so that it is cropped and resized with the labels.

    Reads the owner's `*_labelIds.png` beside the `*_labelTrainIds.png` at `seg_map_path`, in which much is void. Comes
    after `LoadAnnotations`.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Reads the map.

        Raises:
            SegReproError: the split is hidden, or there is no map of label ids of the image's size.
        """
        if "seg_map_path" not in results:
            raise SegReproError(
                f"{results.get('img_path') or 'an image'}: found no label map; expected one, because the recording car"
                " is painted over by its label ids before this network sees the image. Leave out a split whose labels"
                " are hidden; for a picture of your own take LoadLabelIds, CropRows and PaintEgoVehicle out of the test"
                " pipeline of the config"
            )
        file = results["seg_map_path"].replace("_labelTrainIds.png", "_labelIds.png")
        ids, size = cv2.imread(file, cv2.IMREAD_UNCHANGED), results["img"].shape[:2]
        if ids is None or ids.shape != size:
            found = "no image" if ids is None else f"an array of shape {ids.shape}"
            raise SegReproError(
                f"{file}: found {found}; expected the owner's label ids, shape {size}. Prepare the dataset again; its"
                " archive of labels holds this file"
            )
        return {**results, "gt_label_ids": ids, "seg_fields": [*results["seg_fields"], "gt_label_ids"]}

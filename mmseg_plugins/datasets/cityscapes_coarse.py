"""Coarsely labelled Cityscapes without the images that are known to be bad."""

from typing import Any

from mmseg.datasets import CityscapesDataset
from mmseg.registry import DATASETS

from data_manifests.loader import dataset

_BAD = tuple(f"/{bad.image}" for bad in dataset("cityscapes_coarse").known_bad_files)


@DATASETS.register_module()
class CityscapesCoarseDataset(CityscapesDataset):
    """MMSegmentation's `CityscapesDataset` for `gtCoarse`, of which the manifest's known bad files are left out."""

    def __init__(self, seg_map_suffix: str = "_gtCoarse_labelTrainIds.png", **kwargs: Any) -> None:
        super().__init__(seg_map_suffix=seg_map_suffix, **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Lists images and label maps, none of which is known to be bad."""
        return [item for item in super().load_data_list() if not f"/{item['img_path']}".endswith(_BAD)]

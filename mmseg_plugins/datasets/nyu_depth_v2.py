"""NYU Depth v2 in the 40 classes of Gupta et al.; MMSegmentation's own class of that name reads the depth."""

from typing import Any, ClassVar

from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from data_manifests.loader import label_set

_LABEL_SET = label_set("nyu_depth_v2")


@DATASETS.register_module()
class NYUDepthV2Dataset(BaseSegDataset):
    """Image and label map have the same PNG name in two folders."""

    METAINFO: ClassVar = {
        "classes": tuple(c.name for c in _LABEL_SET.classes),
        "palette": [list(c.color) for c in _LABEL_SET.classes],
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(img_suffix=".png", seg_map_suffix=".png", ignore_index=_LABEL_SET.void.label, **kwargs)

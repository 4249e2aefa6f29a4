"""CamVid as SegNet's authors released it: 480x360, eleven classes; void is label 11 of the label maps."""

from typing import Any, ClassVar

from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from data_manifests.loader import label_set

_LABEL_SET = label_set("camvid")


@DATASETS.register_module()
class CamVidDataset(BaseSegDataset):
    """Image and label map have the same PNG name in two folders."""

    METAINFO: ClassVar = {
        "classes": tuple(c.name for c in _LABEL_SET.classes),
        "palette": [list(c.color) for c in _LABEL_SET.classes],
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(img_suffix=".png", seg_map_suffix=".png", ignore_index=_LABEL_SET.void.label, **kwargs)

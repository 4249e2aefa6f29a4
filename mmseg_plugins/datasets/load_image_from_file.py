"""Images as they are stored: the one place that decides it for training, prediction and submission."""

from typing import Any

from mmcv.transforms import LoadImageFromFile as MMCVLoadImageFromFile
from mmseg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImageFromFile(MMCVLoadImageFromFile):
    """MMCV's `LoadImageFromFile`, but an image keeps its stored pixels, whatever orientation a camera noted in it.

    MMCV turns such an image by default, and never its label map, which is drawn for the stored pixels. Found under
    MMCV's name, because MMSegmentation looks for a transform among its own first. All arguments are MMCV's.
    """

    def __init__(self, *, color_type: str = "color_ignore_orientation", **kwargs: Any) -> None:
        super().__init__(color_type=color_type, **kwargs)

"""Images as they are stored: the one place that decides it for training, prediction and submission."""

from typing import Any

import cv2
from mmcv.transforms import LoadImageFromFile as MMCVLoadImageFromFile
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError


@TRANSFORMS.register_module()
class LoadImageFromFile(MMCVLoadImageFromFile):
    """MMCV's `LoadImageFromFile`, but an image keeps its stored pixels, whatever orientation a camera noted in it.

    MMCV turns such an image by default, and never its label map, which is drawn for the stored pixels. Found under
    MMCV's name, because MMSegmentation looks for a transform among its own first. All arguments are MMCV's.
    """

    def __init__(self, *, color_type: str = "color_ignore_orientation", **kwargs: Any) -> None:
        super().__init__(color_type=color_type, **kwargs)

    def transform(self, results: dict[str, Any]) -> dict[str, Any] | None:
        """Loads the image `img_path`, as MMCV does.

        Raises:
            SegReproError: the file is damaged, or no image.
        """
        try:
            loaded: dict[str, Any] | None = super().transform(results)
        except (AssertionError, cv2.error):  # MMCV asserts that OpenCV could decode it, which refuses an empty file
            raise SegReproError(
                f"{results['img_path']}: found a file that cannot be decoded; expected an image. Bring it again, and"
                " verify the dataset: remove its file in data/verified and start the same command again"
            ) from None
        return loaded

"""Label maps as they are stored: the one place that decides it for training and prediction."""

from typing import Any

import cv2
from mmseg.datasets.transforms import LoadAnnotations as MMSegLoadAnnotations
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError


@TRANSFORMS.register_module(force=True)
class LoadAnnotations(MMSegLoadAnnotations):
    """MMSegmentation's `LoadAnnotations`, but what is no label map is refused. All arguments are MMSegmentation's."""

    def _load_seg_map(self, results: dict[str, Any]) -> None:
        """Loads the label map `seg_map_path`, uint8 (H, W).

        Raises:
            SegReproError: the file is damaged, or has several channels.
        """
        file = results["seg_map_path"]
        try:
            super()._load_seg_map(results)
        except (OSError, SyntaxError, AttributeError, cv2.error) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's; decoders give no number
                raise
            raise SegReproError(
                f"{file}: found a file that cannot be decoded; expected a label map. Bring it again, and verify the"
                " dataset: remove its file in data/verified and start the same command again"
            ) from None
        if results["gt_seg_map"].ndim != 2:
            channels = {3: "three", 4: "four"}.get(results["gt_seg_map"].shape[-1], "several")
            raise SegReproError(
                f"{file}: found {channels} channels; expected a label map, one channel with the class of each pixel."
                " Colors must be turned into classes first: prepare the dataset again"
            )

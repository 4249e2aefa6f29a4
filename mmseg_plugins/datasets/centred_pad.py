"""Padding on all four sides."""

from typing import Any

import cv2
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from segrepro.errors import SegReproError


@TRANSFORMS.register_module()
class CentredPad(BaseTransform):
    """Puts the image and its label map into the centre of a canvas.

    Changes `img`, (H, W, 3), and every map in `seg_fields`, (H, W), which is filled with 255. Where the margin is odd,
    the first half of it is rounded as Python rounds, to even: `round(margin / 2)`.

    An image without a label map stays as it is, whatever its size: the canvas is what some authors train and score on,
    and a prediction is wanted for the picture.

    Args:
        size: height and width of the canvas.
        color: of the canvas, in the channel order of the image.
    """

    def __init__(self, size: tuple[int, int], color: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.size = size
        self.color = color

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Pads the image and its maps alike.

        Raises:
            SegReproError: the image is larger than the canvas.
        """
        if not results.get("seg_fields"):
            return results
        height, width = results["img"].shape[:2]
        rows, columns = self.size[0] - height, self.size[1] - width
        if rows < 0 or columns < 0:
            raise SegReproError(
                f"{results['img_path']}: found {width}x{height} pixels; expected at most {self.size[1]}x{self.size[0]},"
                " the size of CentredPad in the config. Enlarge it or crop before"
            )
        top, left = round(rows / 2), round(columns / 2)
        margins = (top, rows - top, left, columns - left)
        results["img"] = cv2.copyMakeBorder(results["img"], *margins, cv2.BORDER_CONSTANT, value=self.color)
        for key in results["seg_fields"]:
            results[key] = cv2.copyMakeBorder(results[key], *margins, cv2.BORDER_CONSTANT, value=255)
        results["img_shape"] = results["img"].shape[:2]
        return results

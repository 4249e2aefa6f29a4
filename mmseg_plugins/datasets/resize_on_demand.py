"""Resizing of only those pixels that the crop keeps."""

from math import ceil, floor
from typing import Any

import cv2
import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS
from numpy.typing import DTypeLike, NDArray

_SUPPORT = {"nearest": 1, "bilinear": 1, "bicubic": 2, "lanczos": 3}
"""Half the width of Pillow's filters, in pixels of the image or, where they are larger, of the resized one."""


@TRANSFORMS.register_module()
class ResizeOnDemand(BaseTransform):
    """MMCV's `Resize` with Pillow, delayed until a crop selects a part of the image: the same pixels in less time.

    If the height shrinks by at least twice as many pixels as the width, the whole image is resized: no time is saved.

    Given as `resize_type` to `RandomResize` or `RandomChoiceResize`, followed by `RandomCrop`. Reads `img`, uint8
    (H, W, 3), and every map in `seg_fields`, uint8 (H, W), resized by nearest neighbour. Replaces them by `Resized`
    objects, which have a `shape`, become arrays when sliced by rows and columns, and are resized whole by `np.asarray`.

    Args:
        scale: width and height to resize to; the sides need not keep their ratio. `RandomResize` sets it.
        interpolation: of the image: nearest, bilinear, bicubic or lanczos.
    """

    def __init__(self, scale: tuple[int, int], interpolation: str = "bilinear") -> None:
        self.scale = scale
        self.interpolation = interpolation

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replaces the image and its maps by `Resized` objects and sets the same entries as `Resize`."""
        height, width = results["img"].shape[:2]
        maps = {key: Resized(results[key], self.scale, "nearest") for key in results.get("seg_fields", [])}
        return {
            **results,
            **maps,
            "img": Resized(results["img"], self.scale, self.interpolation),
            "img_shape": self.scale[::-1],
            "scale": self.scale,
            "scale_factor": (self.scale[0] / width, self.scale[1] / height),
            "keep_ratio": False,
        }


class Resized:
    """An array that Pillow resizes when it is used.

    Args:
        array: uint8, (H, W) or (H, W, 3).
        size: width and height to resize to.
        interpolation: nearest, bilinear, bicubic or lanczos.
    """

    def __init__(self, array: NDArray[np.uint8], size: tuple[int, int], interpolation: str) -> None:
        self.shape = (size[1], size[0], *array.shape[2:])
        self._array = array
        self._interpolation = interpolation

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """The whole resized array; it is computed at each call."""
        return np.asarray(self._resize(self._array, self.shape[1], self.shape[0]), dtype)

    def __getitem__(self, index: tuple[Any, ...]) -> NDArray[np.uint8]:
        """Rows and columns of the resized array; both are slices of step 1, clipped as in NumPy."""
        (height, width), (new_height, new_width) = self._array.shape[:2], self.shape[:2]
        if height > new_height and height - new_height >= 2 * (width - new_width):
            # Only in this case Pillow resizes the columns first. This is not documented; tests of Pillow 13 show it.
            part: NDArray[np.uint8] = np.asarray(self)[index]
            return part
        top, bottom, _ = index[0].indices(new_height)
        # Otherwise Pillow first resizes each row, then each column of the result, independently. So both steps can be
        # done on a part of the image, one after the other. The height must stay the same, because positions and
        # weights of the filters depend on it.
        ratio = height / new_height
        reach = _SUPPORT[self._interpolation] * max(ratio, 1) + 1
        first, end = max(floor(top * ratio - reach), 0), min(ceil(bottom * ratio + reach), height)
        rows = self._resize(self._array[first:end], new_width, end - first)[:, index[1]]
        columns = np.asarray(cv2.copyMakeBorder(rows, first, height - end, 0, 0, cv2.BORDER_CONSTANT), np.uint8)
        return self._resize(columns, columns.shape[1], new_height)[top:bottom]

    def _resize(self, array: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
        resized = mmcv.imresize(array, (width, height), interpolation=self._interpolation, backend="pillow")
        return np.asarray(resized, np.uint8)

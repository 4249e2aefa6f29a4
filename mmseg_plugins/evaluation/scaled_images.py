"""One image in all sizes that the inference rules need."""

from collections.abc import Callable, Iterable, Mapping
from math import ceil

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from data_manifests.schemas.protocol import Inference, Resize
from segrepro.errors import SegReproError

Size = tuple[int, int]
"""Height and width."""
ScaledImages = Mapping[tuple[Size, str], Tensor]
"""By size and interpolation: an image of 8 bits, (3, H, W)."""

_PILLOW, _OPENCV = "pillow_bicubic", "opencv_bilinear"


def scaled_size(size: Size, scale: float, rule: Resize) -> Size:
    """Height and width of the network's input, before any padding."""
    if rule.longer_side is not None:
        longer = ceil(rule.longer_side * scale)
        sides = [longer if side == max(size) else int(side * (longer / max(size)) + 0.5) for side in size]
    elif rule.size == "kept_ratio":
        # As mmcv's Resize: each side times the scale is a bound, and the image gets the largest size within both.
        bound = [int(side * scale + 0.5) for side in size]
        ratio = min(max(bound) / max(size), min(bound) / min(size))
        sides = [int(side * ratio + 0.5) for side in size]
    else:
        whole: Callable[[float], int] = round if rule.size == "rounded" else int
        sides = [whole(side * scale) for side in size]
    height, width = (rule.multiple * ceil(side / rule.multiple) for side in sides)
    return height, width


def scaled_images(image: Tensor, rules: Iterable[Inference | None], source: str) -> ScaledImages:
    """Resizes an image for those rules that resize before normalisation.

    This runs on the CPU. It is done while images are loaded, so that a GPU does not wait for it.

    Args:
        image: (3, H, W), on the CPU.
        rules: inference rules; None: a single scale.
        source: the image's file, for error messages.

    Returns:
        The image in each size that these rules need, except its own size. Rules that resize the normalised image need
        none.

    Raises:
        SegReproError: the image needs resizing, but is not of 8 bits.
    """
    unscaled: Size = (image.shape[1], image.shape[2])
    wanted = {
        (size, rule.resize.interpolation)
        for rule in rules
        if rule is not None and rule.resize.interpolation in (_PILLOW, _OPENCV)
        for scale in rule.scales
        if (size := scaled_size(unscaled, scale, rule.resize)) != unscaled
    }
    if not wanted:
        return {}
    if image.dtype != torch.uint8:
        raise SegReproError(
            f"{source}: found pixels of {image.dtype}; expected uint8, as the inference resizes with "
            f"{' and '.join(sorted({interpolation for _, interpolation in wanted}))}, which rounds to 8 bits. Use a "
            "--protocol that resizes the normalised image, or a config whose test pipeline does not load with "
            "to_float32"
        )
    pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    return {of: torch.from_numpy(_resized(pixels, *of)).permute(2, 0, 1) for of in wanted}


def _resized(pixels: NDArray[np.uint8], size: Size, interpolation: str) -> NDArray[np.uint8]:
    if interpolation == _OPENCV:
        return np.asarray(cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.array(Image.fromarray(pixels).resize(size[::-1], Image.Resampling.BICUBIC))

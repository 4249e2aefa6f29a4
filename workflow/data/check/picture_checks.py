"""Whether a file is the image or label map that it is taken for."""

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from data_manifests.schemas.base import Rgb

Shape = tuple[int, ...]


def wrong_image(content: bytes, size: tuple[int, int] | None) -> tuple[Shape, str | None]:
    """Says what is wrong with an image.

    Args:
        content: the file.
        size: expected width and height in pixels; None where any will do.

    Returns:
        Shape of its pixels, and what was found and expected; None where nothing is wrong.
    """
    # Where pictures differ in size they may be grey too; they are all read as color. Pixels count as they are stored,
    # whatever orientation a camera noted: so networks see them (mmseg_plugins/datasets/load_image_from_file.py), and for
    # them label maps are drawn. IMREAD_UNCHANGED ignores it too.
    as_color = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = _decoded(content, as_color if size is None else cv2.IMREAD_UNCHANGED)
    if pixels is None:
        return (), "found no readable picture"
    return pixels.shape, None if size is None else _differs(pixels, (size[1], size[0], 3))


def bad_form(content: bytes, size: tuple[int, int] | None) -> str | None:
    """Says in which form an image is bad.

    Args:
        content: the file.
        size: as for `wrong_image`.

    Returns:
        `black`, of three channels, `black, one channel`, or what else is wrong with it; None where nothing is.
    """
    pixels = _decoded(content, cv2.IMREAD_UNCHANGED)
    if pixels is not None and not pixels.any() and size in (None, pixels.shape[1::-1]) and pixels.dtype == np.uint8:
        return {2: "black, one channel", 3: "black"}[pixels.ndim]
    _, problem = wrong_image(content, size)
    return problem


def wrong_label_map(
    content: bytes, size: tuple[int, int] | None, colors: Mapping[int, Rgb]
) -> tuple[Shape, str | None]:
    """Says what is wrong with a label map.

    Args:
        content: the file.
        size: expected width and height in pixels; None where any will do.
        colors: the values that it may hold, void the largest, with the colors that a palette gives them.

    Returns:
        Shape of its pixels, and what was found and expected; None where nothing is wrong.
    """
    # Pillow gives the indices of a picture with a palette, and it is what MMSegmentation reads label maps with.
    try:
        with Image.open(io.BytesIO(content)) as picture:
            pixels, palette = np.asarray(picture), picture.getpalette()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return (), "found no readable picture"
    expected = pixels.shape[:2] if size is None else (size[1], size[0])
    if problem := _differs(pixels, expected):
        return pixels.shape, problem
    found = np.flatnonzero(np.bincount(pixels.ravel(), minlength=256)).tolist()
    if strange := [value for value in found if value not in colors]:
        void = max(colors)
        known = f"0 to {void}" if void == len(colors) - 1 else f"0 to {len(colors) - 2}, and {void} for void"
        return pixels.shape, f"found label values {strange}; expected {known}"
    if palette is not None:
        for value in found:
            if (color := tuple(palette[3 * value : 3 * value + 3])) != colors[value]:
                problem = f"found the color {color} in its palette for the label {value}; expected {colors[value]}"
                return pixels.shape, problem
    return pixels.shape, None


def _decoded(content: bytes, flag: int) -> NDArray[Any] | None:
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), flag)
    except cv2.error:  # an empty file, or a header that asks for a picture beyond all size
        return None


def _differs(pixels: NDArray[Any], shape: Shape) -> str | None:
    if pixels.shape == shape and pixels.dtype == np.uint8:
        return None
    return f"found height, width, channels {pixels.shape} of {pixels.dtype}; expected {shape} of uint8"



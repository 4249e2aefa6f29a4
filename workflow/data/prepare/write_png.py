"""Label maps and pictures as files."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segrepro.atomic import atomic_write


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Writes pixels of shape (H, W), or (H, W, 3) in the order blue, green, red, as a PNG that appears whole."""
    _, content = cv2.imencode(".png", np.ascontiguousarray(pixels))
    atomic_write(path, content.tobytes())

"""Images that are decoded once and cached on disk without compression."""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.fileio import LocalBackend, register_backend
from numpy.typing import NDArray
from PIL import Image

from segrepro.atomic import PARTIAL, atomic_write
from segrepro.errors import SegReproError

_STAMP = struct.Struct("<QQI")
"""Follows the BMP data: size in bytes and modification time in ns of the source file, and CRC-32 of the BMP data."""


@register_backend("uncompressed")
class UncompressedBackend(LocalBackend):
    """MMEngine's local storage, but returns a PNG as a BMP with the same pixels, which is fast to decode.

    Given to `LoadImageFromFile` and `LoadAnnotations` as `backend_args=dict(backend="uncompressed", folder=...)`. The
    first read of a file decodes it and writes `<folder>/<absolute path of the file>.bmp`, which later reads use. This
    takes 3 bytes for each pixel of an image and 1 for each pixel of a label map: 25 GB for the 2975 training images of
    Cityscapes and their label maps.

    Args:
        folder: of the cached files; best on a local disk of the machine that trains.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def get(self, filepath: str | Path) -> bytes:
        """The content of a BMP file with the pixels of the PNG file `filepath`; decoders ignore the bytes after it.

        Raises:
            SegReproError: the cached file is damaged, outdated or cannot be written, or a BMP cannot hold the file's
                pixels exactly.
        """
        source = Path(filepath).resolve()
        cached = self.folder / source.relative_to(source.anchor).with_name(f"{source.name}.bmp")
        status = source.stat()
        if not cached.exists():
            picture = _as_bmp(source)
            stamp = _STAMP.pack(status.st_size, status.st_mtime_ns, zlib.crc32(picture))
            # Two data loader workers, or two trainings, may write the same file at the same time.
            atomic_write(cached, picture + stamp, suffix=f".{os.getpid()}{PARTIAL}")
        content = cached.read_bytes()
        advice = f"Remove {cached}; it is then created again"
        if len(content) < _STAMP.size:
            raise SegReproError(f"{cached}: found {len(content)} bytes; expected an image and its checksum. {advice}")
        size, changed, checksum = _STAMP.unpack(content[-_STAMP.size :])
        if zlib.crc32(memoryview(content)[: -_STAMP.size]) != checksum:
            raise SegReproError(f"{cached}: found a checksum that does not match the image. {advice}")
        if (size, changed) != (status.st_size, status.st_mtime_ns):
            raise SegReproError(
                f"{cached}: found pixels of an older {source}, {size} bytes, changed at {changed} ns; expected those "
                f"of the current one, {status.st_size} bytes, changed at {status.st_mtime_ns} ns. {advice}"
            )
        return content


def _as_bmp(source: Path) -> bytes:
    content, bmp = source.read_bytes(), BytesIO()
    advice = "Remove the backend `uncompressed` from the config, or correct the file"
    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            mode = image.mode
            image.convert(mode).save(bmp, "BMP")
    except (OSError, SyntaxError) as error:
        raise SegReproError(f"{source}: found {error}; expected a PNG file that a BMP can hold. {advice}") from error
    for decode in (_decode_with_opencv, _decode_with_pillow):
        before, after = decode(content), decode(bmp.getvalue())
        if before is None or after is None or not np.array_equal(before, after):
            raise SegReproError(
                f"{source}: found mode {mode}, which a BMP cannot hold exactly; expected a plain PNG with 8 bits per "
                f"channel. {advice}"
            )
    return bmp.getvalue()


def _decode_with_opencv(content: bytes) -> NDArray[Any] | None:
    """None where OpenCV cannot decode it."""
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def _decode_with_pillow(content: bytes) -> NDArray[Any]:
    return np.array(Image.open(BytesIO(content)))

"""Pictures decoded once and kept on a disk without compression."""

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

from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError

_STAMP = struct.Struct("<QQI")
"""Follows the picture: size in bytes and time of change in ns of the file that it was made of, and its own CRC-32."""


@register_backend("uncompressed")
class UncompressedBackend(LocalBackend):
    """MMEngine's local storage, but a PNG comes as the BMP of the same pixels, which takes no time to decode.

    Given to `LoadImageFromFile` and `LoadAnnotations` as `backend_args=dict(backend="uncompressed", folder=...)`. The
    first reading of a file decodes it and writes `<folder>/<absolute path of the file>.bmp`, which later ones read: 3
    bytes a pixel of an image, 1 of a label map; 25 GB for the 2975 training images of Cityscapes and their label maps.

    Args:
        folder: where to keep the pictures; best on a disk of the machine that trains.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def get(self, filepath: str | Path) -> bytes:
        """The content of a BMP file with the pixels of the PNG file `filepath`; decoders skip the bytes after it.

        Raises:
            SegReproError: the kept picture is damaged or older than the file, cannot be written, or would not have
                the file's pixels exactly.
        """
        source = Path(filepath).resolve()
        kept = self.folder / source.relative_to(source.anchor).with_name(f"{source.name}.bmp")
        status = source.stat()
        if not kept.exists():
            picture = _as_bmp(source)
            stamp = _STAMP.pack(status.st_size, status.st_mtime_ns, zlib.crc32(picture))
            # Two loader workers, or two trainings, may come for the same file.
            atomic_write(kept, picture + stamp, suffix=f".{os.getpid()}.partial")
        content = kept.read_bytes()
        advice = f"Remove {kept}; it is made again"
        if len(content) < _STAMP.size:
            raise SegReproError(f"{kept}: found {len(content)} bytes; expected a picture and its checksum. {advice}")
        size, changed, checksum = _STAMP.unpack(content[-_STAMP.size :])
        if zlib.crc32(memoryview(content)[: -_STAMP.size]) != checksum:
            raise SegReproError(f"{kept}: found another checksum than the picture was written with. {advice}")
        if (size, changed) != (status.st_size, status.st_mtime_ns):
            raise SegReproError(
                f"{kept}: found the pixels of a former {source}, {size} bytes, changed at {changed} ns; expected those "
                f"of the present one, {status.st_size} bytes, changed at {status.st_mtime_ns} ns. {advice}"
            )
        return content


def _as_bmp(source: Path) -> bytes:
    content, bmp = source.read_bytes(), BytesIO()
    advice = "Leave the backend `uncompressed` out of the config, or put the file right"
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
                f"{source}: found mode {mode}, which a BMP does not hold as it is; expected a plain PNG of 8 bits a "
                f"channel. {advice}"
            )
    return bmp.getvalue()


def _decode_with_opencv(content: bytes) -> NDArray[Any] | None:
    """None where OpenCV cannot decode it."""
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def _decode_with_pillow(content: bytes) -> NDArray[Any]:
    return np.array(Image.open(BytesIO(content)))

"""PNG files whose bytes depend on the pixels alone.

Compressors differ between zlib, zlib-ng and their versions, so the deflate stream here holds stored blocks, which
leave no choice but their length. They also decode fastest. The price is size: about 1.3 MB for a scene with labels.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LONGEST_STORED_BLOCK = 65535
_COLOR_TYPE = {2: 0, 3: 2}  # by number of array dimensions: grayscale, RGB


def encode(image: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Encodes an image as PNG (ISO/IEC 15948) without compression.

    Args:
        image: (H, W) uint8 or uint16 grayscale, or (H, W, 3) RGB.

    Returns:
        The bytes of the file.
    """
    height, width = image.shape[:2]
    bit_depth = 8 * image.dtype.itemsize
    samples = image.astype(image.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    rows = np.pad(samples, ((0, 0), (1, 0)))  # each row begins with its filter type, 0: none
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([bit_depth, _COLOR_TYPE[image.ndim], 0, 0, 0])
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", _stored(rows.tobytes())) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def _stored(content: bytes) -> bytes:
    """A zlib stream (RFC 1950) of stored deflate blocks (RFC 1951, section 3.2.4)."""
    parts = [b"\x78\x01"]
    for start in range(0, len(content), _LONGEST_STORED_BLOCK):
        block = content[start : start + _LONGEST_STORED_BLOCK]
        last = start + len(block) == len(content)
        length = len(block).to_bytes(2, "little")
        parts += [bytes([last]), length, bytes(255 - byte for byte in length), block]
    parts.append(zlib.adler32(content).to_bytes(4))
    return b"".join(parts)

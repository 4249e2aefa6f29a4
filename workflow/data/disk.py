"""Room on the disk, asked for before the first byte is written."""

import shutil
from pathlib import Path

from tqdm import tqdm

from data_manifests.errors import SegReproError


def require_free_space(folder: Path, needed: int) -> None:
    """Checks that `needed` bytes fit on the disk that holds an existing folder.

    Raises:
        SegReproError: they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SegReproError(
            f"{folder}: not enough room on the disk: {_readable(needed)} needed, {_readable(free)} free;"
            " make room, or put a link to a larger disk in its place"
        )


def _readable(size: int) -> str:
    return f"{tqdm.format_sizeof(size, 'B', 1024)} ({size} bytes)"

"""Files and folders that appear complete or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def place_file(part: Path, destination: Path) -> None:
    """Gives a complete file its name; both lie in the same folder. Survives a loss of power."""
    _flush(part)
    part.replace(destination)
    _flush(destination.parent)


@contextmanager
def atomic_folder(destination: Path, resume: bool = False) -> Iterator[Path]:
    """Yields `<destination>.partial`, a folder that becomes `destination` when the block ends without an error.

    An older `destination` is replaced.

    Args:
        destination: the folder that is to appear.
        resume: whether to go on with what a killed or failed run left in the partial folder, or to start from nothing.
    """
    partial = destination.with_name(destination.name + ".partial")
    replaced = destination.with_name(destination.name + ".replaced")
    if not resume:
        shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, exist_ok=resume)
    try:
        yield partial
    except BaseException:
        if not resume:
            shutil.rmtree(partial, ignore_errors=True)
        raise
    # One call for thousands of files: asking for each of them takes several times as long.
    os.sync()
    shutil.rmtree(replaced, ignore_errors=True)
    if destination.exists():
        destination.replace(replaced)
    partial.replace(destination)
    shutil.rmtree(replaced, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

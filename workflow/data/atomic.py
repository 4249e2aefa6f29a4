"""Files and folders that appear and disappear as a whole."""

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
    partial = partial_of(destination)
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


def partial_of(destination: Path) -> Path:
    """Where the files of a folder lie until it is complete."""
    return destination.with_name(destination.name + ".partial")


def remove_folder(folder: Path) -> None:
    """Removes a folder that is there; killed meanwhile, it leaves none of that name whose files are there in part."""
    doomed = folder.with_name(folder.name + ".removed")
    if doomed.exists():
        shutil.rmtree(doomed)
    folder.replace(doomed)
    shutil.rmtree(doomed)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

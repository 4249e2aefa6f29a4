"""Files and folders that appear and disappear as a whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import SegReproError


def atomic_write(path: Path, content: bytes | str, suffix: str = ".partial") -> None:
    """Writes a file under another name beside it, then renames it; makes its folder.

    Args:
        path: the file; one that is there already is replaced.
        content: its bytes, or text that is encoded as UTF-8.
        suffix: of the other name; writers that may come for the same file at the same time need one each.

    Raises:
        SegReproError: it cannot be written, as on a full disk; nothing new is there then, and an older file still is.
    """
    encoded = content.encode() if isinstance(content, str) else content
    try:
        with atomic_file(path, suffix) as part:
            part.write_bytes(encoded)
    except OSError as error:
        raise SegReproError(
            f"{path}: cannot be written ({error.strerror}); expected a folder that may be written to, with room for "
            f"{len(encoded)} bytes. Make room or allow it, then start the same command again"
        ) from error


@contextmanager
def atomic_file(destination: Path, suffix: str = ".partial") -> Iterator[Path]:
    """Yields a path beside a file, which becomes that file when the block ends without an error; makes its folder.

    Args:
        destination: the file that is to appear; an older one is replaced.
        suffix: what the path has behind the file's name.
    """
    part = destination.with_name(destination.name + suffix)
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        place_file(part, destination)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


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
    removed = folder.with_name(folder.name + ".removed")
    if removed.exists():
        shutil.rmtree(removed)
    folder.replace(removed)
    shutil.rmtree(removed)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

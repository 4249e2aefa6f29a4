"""Atomic writing and removal of files and folders."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .clutter import content_of
from .errors import SegReproError
from .system_errors import naming

PARTIAL = ".partial"
"""What the name of a file or folder ends with until it is complete."""


def atomic_write(path: Path, content: bytes | str, suffix: str = PARTIAL) -> None:
    """Writes a file under a temporary name, then renames it; creates its folder.

    Args:
        path: the file; an existing one is replaced.
        content: its bytes, or text that is encoded as UTF-8.
        suffix: of the temporary name; concurrent writers of the same file need different ones.

    Raises:
        OSError: the file cannot be written, for example on a full disk; an existing file then stays unchanged.
    """
    with atomic_file(path, suffix) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def atomic_file(destination: Path, suffix: str = PARTIAL) -> Iterator[Path]:
    """Yields a temporary path, which is renamed to the file when the block ends without an error; creates its folder.

    Args:
        destination: the file; an existing one is replaced.
        suffix: added to the file's name for the temporary path.

    Raises:
        OSError: the file cannot be written; names the path.
    """
    part = destination.with_name(destination.name + suffix)
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        with naming(part):
            yield part
            place_file(part, destination)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def place_file(part: Path, destination: Path) -> None:
    """Renames a complete file to its final name in the same folder. Survives a power failure."""
    _flush(part)
    part.replace(destination)
    _flush(destination.parent)


@contextmanager
def atomic_folder(destination: Path, resume: bool = False) -> Iterator[Path]:
    """Yields `<destination>.partial`, a folder that becomes `destination` when the block ends without an error.

    An existing `destination` is replaced. A link stays, and so does the folder that it points to, which may be a disk
    of its own: there the files are made in `.partial` and moved up at the end, in place of older ones.

    Args:
        destination: the folder, or a link to a folder that is to be filled.
        resume: whether to keep what a killed or failed run left in the partial folder; otherwise it is emptied first.

    Raises:
        SegReproError: `destination` is a link to a folder that is not there.
        OSError: something in the folder cannot be written; names a path.
    """
    require_target(destination)
    partial = partial_of(destination)
    replaced = destination.with_name(destination.name + ".replaced")
    if not resume:
        shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, exist_ok=resume)
    try:
        with naming(partial):
            yield partial
    except BaseException:
        if not resume:
            shutil.rmtree(partial, ignore_errors=True)
        raise
    # One call for thousands of files; syncing each file takes several times as long.
    os.sync()
    if destination.is_symlink():
        _move_up(partial)
        return
    shutil.rmtree(replaced, ignore_errors=True)
    if destination.exists():
        destination.replace(replaced)
    partial.replace(destination)
    shutil.rmtree(replaced, ignore_errors=True)


def require_target(folder: Path) -> None:
    """Checks that a folder, if it is a link, points to a folder.

    Raises:
        SegReproError: it points to none, as while a disk is not mounted.
    """
    if folder.is_symlink() and not folder.is_dir():
        raise SegReproError(
            f"{folder}: found a link to {folder.readlink()}; expected a folder there. Mount its disk or make the "
            "folder, or remove the link"
        )


def partial_of(destination: Path) -> Path:
    """The temporary folder that holds the files until they are complete: beside it, or in the target of a link."""
    if destination.is_symlink():
        return destination / PARTIAL
    return destination.with_name(destination.name + PARTIAL)


def remove_folder(folder: Path) -> None:
    """Removes an existing folder. It is renamed first, so that a killed process leaves no incomplete folder behind."""
    removed = folder.with_name(folder.name + ".removed")
    if removed.exists():
        shutil.rmtree(removed)
    folder.replace(removed)
    shutil.rmtree(removed)


def _move_up(partial: Path) -> None:
    """Puts the content of a folder in place of what lies beside it. Killed meanwhile, it leaves the folder there."""
    folder = partial.parent
    for older in content_of(folder):
        if older.is_dir() and not older.is_symlink():
            if older != partial:
                shutil.rmtree(older)
        else:
            older.unlink()
    for made in partial.iterdir():
        made.replace(folder / made.name)
    partial.rmdir()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Errors of disks and file systems, as messages for the user.

The system says what is wrong, but not always where: an error of writing into an open file names no file. `naming` adds
the path where it is known; `explained` makes the message.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import SegReproError

_AGAIN = "then start the same command again; what was complete is still there"
_ROOM = f"Make room there (df -h shows the space, df -i the number of files), {_AGAIN}"
_PERMISSION = "Give this user the right to read and write there (ls -l shows it), or choose another folder"
_DISK = f"Check the disk or the network file system, {_AGAIN}"
_OTHER_DISK = "This file system cannot do it: choose a folder on another disk"
_IN_THE_WAY = "Something else has this name: move it away, or choose another name"

_NEXT_STEP = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: f"Your quota is used up: remove files or ask for more, {_AGAIN}",
    errno.EFBIG: f"The file system or a limit (ulimit -f) allows no file as large: choose another disk, {_AGAIN}",
    errno.EROFS: "This disk can only be read: make it writable, or choose another folder",
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.ENOENT: "Check the path; what it names must be there",
    errno.ENOTDIR: "A part of the path is a file, not a folder: correct the path, or move the file away",
    errno.EISDIR: "This is a folder: name a file, or move the folder away",
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTEMPTY: _IN_THE_WAY,
    errno.ENAMETOOLONG: "Choose a shorter path",
    errno.ELOOP: "Links point at each other there: remove one of them",
    errno.EMFILE: f"Allow this program more open files (ulimit -n), {_AGAIN}",
    errno.ENFILE: f"Too many files are open on this machine: end other programs, {_AGAIN}",
    errno.EIO: _DISK,
    errno.ESTALE: _DISK,
    errno.ENODEV: _DISK,
    errno.ENXIO: _DISK,
    errno.ETIMEDOUT: _DISK,
    errno.ENOLCK: _OTHER_DISK,
    errno.ENOSYS: _OTHER_DISK,
    errno.EOPNOTSUPP: _OTHER_DISK,
}
_TRIED = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS), "written"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTEMPTY), "made"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ELOOP), "opened"),
}


FULL = (errno.ENOSPC, errno.EDQUOT)
"""No room, or no room for more files; on the disk, or of this user's share."""


def explained(error: OSError) -> SegReproError:
    """Makes the message of an error of the system: the path, what failed and why, and what to do about it."""
    paths = [str(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes | Path)]
    for path in paths:
        if link := _dangling_link(Path(path)):
            return _dangling(link)
    said = error.strerror or str(error) or type(error).__name__
    tried = _TRIED.get(error.errno or 0, "read or written")
    next_step = _NEXT_STEP.get(error.errno or 0, f"Put that right, {_AGAIN}")
    return SegReproError(f"{' -> '.join(paths) or 'a file'}: cannot be {tried} ({said}). {next_step}")


def require_no_dangling_link(path: Path) -> None:
    """Checks a path that need not be there.

    Raises:
        SegReproError: a part of it is a link to nothing, such as to a disk that is not mounted.
    """
    if link := _dangling_link(path):
        raise _dangling(link)


@contextmanager
def system_errors_explained() -> Iterator[None]:
    """Turns an error of the system into its message: around a program, and around what Snakemake calls to plan.

    Raises:
        SegReproError: an OSError came out of the block.
    """
    try:
        yield
    except OSError as error:
        raise explained(error) from error


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Gives a path to errors of the system that name none.

    Args:
        path: the file that the block writes or reads, or the folder that its files lie in.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def _dangling_link(path: Path) -> Path | None:
    """The part of a path that is a link to nothing."""
    with suppress(OSError):  # a path that cannot be followed has no such part that could be named
        return next((part for part in (path, *path.parents) if part.is_symlink() and not part.exists()), None)
    return None


def _dangling(link: Path) -> SegReproError:
    return SegReproError(
        f"{link}: found a link to {link.readlink()}, where nothing is; expected a file or folder there. Mount or make"
        " it, or remove the link, then start the same command again"
    )

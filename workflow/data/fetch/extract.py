"""Takes a folder out of a zip or tar file; nothing that the archive says can reach outside the destination."""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from segrepro.errors import SegReproError

from segrepro.atomic import atomic_folder, partial_of
from segrepro.clutter import is_clutter
from .disk import require_free_space
from segrepro.hashes import byte_bar, copy_hashed

# Pictures hardly compress, and their annotations by some ten times: what grows more is made to fill the disk.
_GROWS_AT_MOST = 20
_ALWAYS_ALLOWED = 64 << 20  # bytes; archives of a few files may consist of nothing but annotations

_UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class _Member:
    """One entry of an archive, whatever its format; `kind` is `file`, `folder` or what it is instead."""

    name: str
    size: int
    kind: str
    open: Callable[[], IO[bytes]]


def extract(
    archive: Path,
    folder: str,
    destination: Path,
    checksums: Mapping[str, str] | None = None,
    wanted: Sequence[str] = ("*",),
) -> None:
    """Extracts the files under one folder of an archive.

    All names, kinds and sizes are checked before the first byte is written, and `destination` appears with all its
    files or not at all. Contents go to new files; links, owners and permissions of the archive are never acted upon.

    Args:
        archive: a `.zip`, `.tar`, `.tar.gz` or `.tgz` file.
        folder: folder inside the archive; what it holds comes to lie in `destination`.
        destination: the folder to make; replaced if it exists.
        checksums: from path below `folder` to sha256. If given, just these files are extracted, and each is checked.
        wanted: patterns of paths below `folder`, in which `*` stands for `/` too; other files stay in the archive.

    Raises:
        SegReproError: the archive is damaged, lacks files, holds entries that no dataset needs (paths that leave the
            folder, links, devices), grows beyond reason, or does not fit on the disk; or a file has another sha256.
    """
    with _opened(archive) as entries:
        members = {
            path: member
            for path, member in _members(archive, entries, PurePosixPath(folder)).items()
            if any(fnmatchcase(path, pattern) for pattern in wanted)
        }
        if checksums is not None:
            members = {path: member for path, member in members.items() if path in checksums}
            if missing := sorted(checksums.keys() - members.keys()):
                raise _damaged(archive, f"{len(missing)} of {len(checksums)} files are missing, {missing[0]} for one")
        if not members:
            raise _damaged(archive, f"found no file in its folder {folder!r} that fits {' or '.join(wanted)}")
        total = sum(member.size for member in members.values())
        destination.parent.mkdir(parents=True, exist_ok=True)
        require_free_space(partial_of(destination).parent, total, "the place of the dataset's folder")
        with atomic_folder(destination) as partial_folder, byte_bar(total, f"extracting {archive.name}") as bar:
            for path, member in members.items():
                target = partial_folder / path
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    sink = target.open("xb")
                except (FileExistsError, NotADirectoryError):
                    raise _damaged(archive, f"{member.name!r} takes the place of another entry") from None
                with sink, member.open() as source:
                    digest = copy_hashed(source, sink, bar)
                if checksums is not None and digest != checksums[path]:
                    raise _damaged(archive, f"{member.name}: found sha256 {digest}; expected {checksums[path]}")


def _members(archive: Path, entries: Iterator[_Member], folder: PurePosixPath) -> dict[str, _Member]:
    """The files below `folder`, by their path there; checks every entry of the archive."""
    limit = max(_ALWAYS_ALLOWED, _GROWS_AT_MOST * archive.stat().st_size)
    grown = 0
    members: dict[str, _Member] = {}
    for entry in entries:
        path = _safe_path(archive, entry.name)
        grown += entry.size
        if entry.size < 0 or grown > limit:
            raise _damaged(archive, f"it would grow to more than {limit} bytes")
        if entry.kind == "folder" or folder not in path.parents or is_clutter(path):
            continue
        if entry.kind != "file":
            raise _damaged(archive, f"{entry.name!r} is a {entry.kind}; expected files and folders only")
        relative = str(path.relative_to(folder))
        if relative in members:
            raise _damaged(archive, f"it holds {entry.name!r} twice")
        members[relative] = entry
    return members


def _safe_path(archive: Path, name: str) -> PurePosixPath:
    """The path of an entry, which stays below the folder that it is put in, on any system."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name.isprintable():
        raise _damaged(archive, f"{name!r} is no path inside a folder")
    return path


@contextmanager
def _opened(archive: Path) -> Iterator[Iterator[_Member]]:
    """Opens an archive by its suffix; what its library says about damage becomes a SegReproError."""
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened_zip:
                yield _zip_members(opened_zip)
        else:
            with tarfile.open(archive, "r:" if archive.suffix == ".tar" else "r:gz") as opened_tar:
                yield _tar_members(opened_tar)
    except _UNREADABLE as error:
        raise _damaged(archive, str(error) or type(error).__name__) from error


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        mode = info.external_attr >> 16  # 0 where the archive was not made on Unix
        kind = "folder" if info.is_dir() else "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "link or device"
        if info.flag_bits & 0x1:
            kind = "locked file"
        yield _Member(info.filename, info.file_size, kind, partial(archive.open, info))


def _tar_members(archive: tarfile.TarFile) -> Iterator[_Member]:
    for info in archive:
        kind = "folder" if info.isdir() else "file" if info.isreg() else "link or device"
        # None for links and folders only, which are never opened.
        opener = cast(Callable[[], IO[bytes]], partial(archive.extractfile, info))
        yield _Member(info.name, info.size, kind, opener)


def _damaged(archive: Path, reason: str) -> SegReproError:
    return SegReproError(f"{archive}: {reason}; remove the archive and fetch it again")

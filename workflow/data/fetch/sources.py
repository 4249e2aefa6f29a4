"""What a manifest's archives hold, from the archive or from the folder that somebody unpacked it to."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from data_manifests.schemas.dataset import Archive
from segrepro.atomic import atomic_folder
from segrepro.clutter import is_clutter

from . import identity
from .extract import extract
from .in_place import unpacked


def require(sources: Iterable[Archive], downloads: Path) -> None:
    """Checks archives before any is used; what somebody unpacked is checked when the prepared dataset is.

    Raises:
        SegReproError: one is missing, or not what the manifest names.
    """
    for source in sources:
        if unpacked(source, downloads) is None:
            identity.require(source, downloads / source.file)


def unpack(source: Archive, downloads: Path, destination: Path) -> None:
    """Extracts what is wanted of an archive, or makes links to what somebody unpacked.

    Args:
        source: an archive that `require` has let pass.
        downloads: the folder where it lies.
        destination: the folder to make; replaced if it exists. Folders in it are real, so that files can be added.

    Raises:
        SegReproError: as for `extract`.
    """
    folder = unpacked(source, downloads)
    if folder is None:
        extract(downloads / source.file, source.folder, destination, wanted=source.wanted)
        return
    real = folder.resolve()
    with atomic_folder(destination) as made:
        for path in _files(real):
            if any(fnmatchcase(path, pattern) for pattern in source.wanted):
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).symlink_to(real / path)


def _files(folder: Path) -> Iterator[str]:
    """The paths of all files below a folder; links to folders are followed."""
    for parent, _, names in os.walk(folder, followlinks=True):
        for name in names:
            path = (Path(parent) / name).relative_to(folder)
            if not is_clutter(path):
                yield path.as_posix()

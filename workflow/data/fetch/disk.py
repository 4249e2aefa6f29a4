"""Room on the disk, asked for before the first byte is written."""

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from segrepro.errors import SegReproError
from segrepro.system_errors import require_no_dangling_link
from data_manifests.schemas.dataset import Dataset


class ArchivesToCome(NamedTuple):
    """The archives of a dataset that are still to come."""

    title: str
    """Of the dataset."""
    files: int
    to_come: int
    """Bytes."""
    room: int
    """Bytes, with what is extracted of them."""
    disk: Path
    """An existing folder on the disk that they go to."""

    def __str__(self) -> str:
        return (
            f"{self.title}: {self.files} archive{'s' if self.files > 1 else ''} to bring in, "
            f"{_readable(self.to_come)}; with the extracted files about "
            f"{_readable(self.room)}; {_readable(shutil.disk_usage(self.disk).free)} free"
        )


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


def archives_to_come(manifest: Dataset, folder: Path) -> ArchivesToCome | None:
    """What the archives need that are not in `folder` yet, where they belong; the folder need not exist.

    Raises:
        SegReproError: the way to the folder is a link to nothing.
    """
    require_no_dangling_link(folder)
    missing = [s for s in manifest.sources if s.split is None and not (folder / s.file).exists()]
    if not missing:
        return None
    whole = sum(source.bytes for source in missing)
    to_come = sum(max(0, source.bytes - already_there(folder / source.file)) for source in missing)
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    # Pictures hardly compress: extracted they take as much again.
    return ArchivesToCome(manifest.title, len(missing), to_come, to_come + whole, existing)


def require_room_for_archives(manifests: Sequence[Dataset], downloads: Path) -> None:
    """Checks that the archives of several datasets fit together, with what is extracted of them.

    Args:
        manifests: the datasets whose archives are to come.
        downloads: the folder with one of each dataset, any of which may be a link to another disk; need not exist.

    Raises:
        SegReproError: they do not fit on a disk.
    """
    found = [archives_to_come(manifest, downloads / manifest.id) for manifest in manifests]
    on_disk = defaultdict(list)
    for archives in filter(None, found):
        on_disk[archives.disk.stat().st_dev].append(archives)
    for together in on_disk.values():
        require_free_space(together[0].disk, sum(archives.room for archives in together))


def already_there(destination: Path) -> int:
    """The bytes that an interrupted attempt left of a file in `<destination>.part`."""
    part = destination.with_name(destination.name + ".part")
    return part.stat().st_size if part.exists() else 0


def _readable(size: int) -> str:
    return f"{tqdm.format_sizeof(size, 'B', 1024)} ({size} bytes)"

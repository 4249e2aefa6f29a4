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

from .in_place import is_there


class ArchivesToCome(NamedTuple):
    """The archives of a dataset that are still to come."""

    title: str
    """Of the dataset."""
    files: int
    to_come: int
    """Bytes."""
    room: int
    """Bytes, with what is extracted of them."""
    places: dict[Path, int]
    """The folders that the archives and the extracted files go to, and the bytes that each gets."""

    def __str__(self) -> str:
        free = {_disk(place).stat().st_dev: shutil.disk_usage(_disk(place)).free for place in self.places}
        return (
            f"{self.title}: {self.files} archive{'s' if self.files > 1 else ''} to bring in, "
            f"{_readable(self.to_come)}; with the extracted files about "
            f"{_readable(self.room)}; {' and '.join(map(_readable, free.values()))} free"
        )


def require_free_space(folder: Path, needed: int, instead: str | Path | None = None) -> None:
    """Checks that `needed` bytes fit on the disk that holds an existing folder.

    Args:
        folder: on the disk.
        needed: bytes.
        instead: what may be replaced by a link to a larger disk, where that is not the folder itself.

    Raises:
        SegReproError: they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SegReproError(
            f"{folder}: not enough room on the disk: {_readable(needed)} needed, {_readable(free)} free;"
            f" make room, or put a link to an empty folder on a larger disk at {instead or folder}"
        )


def archives_to_come(manifest: Dataset, folder: Path, prepared: Path) -> ArchivesToCome | None:
    """What the archives need that are not in place yet.

    Args:
        manifest: the dataset.
        folder: where they belong.
        prepared: where the files go that are extracted of them. Both folders may be links, and need not exist.

    Raises:
        SegReproError: the way to `folder` is a link to nothing.
    """
    require_no_dangling_link(folder)
    missing = [s for s in manifest.sources if not s.may_be_left_out and not is_there(s, folder)]
    if not missing:
        return None
    whole = sum(source.bytes for source in missing)
    to_come = sum(max(0, source.bytes - already_there(folder / source.file)) for source in missing)
    # Pictures hardly compress: extracted they take as much again.
    places = {folder: to_come, prepared: whole}
    return ArchivesToCome(manifest.title, len(missing), to_come, to_come + whole, places)


def require_room_for_archives(manifests: Sequence[Dataset], data: Path) -> None:
    """Checks that the archives of several datasets fit together, with what is extracted of them.

    Args:
        manifests: the datasets whose archives are to come.
        data: the folder with `<dataset>` and `downloads/<dataset>`, any of which may be a link to another disk; need not
            exist.

    Raises:
        SegReproError: they do not fit on a disk.
    """
    found = [archives_to_come(manifest, data / "downloads" / manifest.id, data / manifest.id) for manifest in manifests]
    on_disk: dict[int, dict[Path, int]] = defaultdict(dict)
    for archives in filter(None, found):
        for place, size in archives.places.items():
            on_disk[_disk(place).stat().st_dev][place] = size
    for places in on_disk.values():
        require_free_space(_disk(next(iter(places))), sum(places.values()), " or ".join(map(str, places)))


def _disk(place: Path) -> Path:
    """An existing folder on the disk where a folder is, or will be."""
    return next(parent for parent in (place, *place.absolute().parents) if parent.exists())


def already_there(destination: Path) -> int:
    """The bytes that an interrupted attempt left of a file in `<destination>.part`."""
    part = destination.with_name(destination.name + ".part")
    return part.stat().st_size if part.exists() else 0


def _readable(size: int) -> str:
    return f"{tqdm.format_sizeof(size, 'B', 1024)} ({size} bytes)"

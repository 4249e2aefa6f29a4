"""Room on the disk, asked for before the first byte is written."""

import shutil
from pathlib import Path

from tqdm import tqdm

from data_manifests.errors import SegReproError
from data_manifests.schemas.dataset import Dataset


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


def room_for_archives(manifest: Dataset, folder: Path) -> str | None:
    """Says how much room the archives that are still to come need, with what is extracted of them.

    Args:
        manifest: the dataset.
        folder: where its archives belong; need not exist.

    Returns:
        One line for people; None if all are there.

    Raises:
        SegReproError: they do not fit.
    """
    missing = [s for s in manifest.sources if s.split is None and not (folder / s.file).exists()]
    if not missing:
        return None
    whole = sum(source.bytes for source in missing)
    to_come = sum(max(0, source.bytes - already_there(folder / source.file)) for source in missing)
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    # Pictures hardly compress: extracted they take as much again.
    needed = to_come + whole
    require_free_space(existing, needed)
    return (
        f"{manifest.title}: {len(missing)} archives to bring in, {_readable(to_come)}; with their files about "
        f"{_readable(needed)}; {_readable(shutil.disk_usage(existing).free)} free"
    )


def already_there(destination: Path) -> int:
    """The bytes that an interrupted attempt left of a file in `<destination>.part`."""
    part = destination.with_name(destination.name + ".part")
    return part.stat().st_size if part.exists() else 0


def _readable(size: int) -> str:
    return f"{tqdm.format_sizeof(size, 'B', 1024)} ({size} bytes)"

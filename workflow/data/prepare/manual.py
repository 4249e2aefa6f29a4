"""Datasets that a person lays out: the suite links to the files and checks them."""

from pathlib import Path

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset

from segrepro.atomic import atomic_folder
from .links import link
from segrepro.clutter import content_of


def prepare(manifest: Dataset, downloads: Path, out: Path) -> None:
    """Makes a folder of links to everything that lies in `downloads`.

    Raises:
        SegReproError: nothing lies there.
    """
    placed = content_of(downloads) if downloads.is_dir() else []
    if not placed:
        how = f" {manifest.login.instructions}" if manifest.login else ""
        raise SegReproError(f"{downloads}: found nothing; expected the files of {manifest.title}.{how}")
    with atomic_folder(out) as folder:
        link({folder / path.name: path.resolve() for path in placed}, relative=False)

"""CamVid as the SegNet tutorial distributes it: the folders of its archive are what MMSegmentation reads."""

from collections.abc import Mapping
from pathlib import Path

from data_manifests.schemas.dataset import Dataset

from workflow.data.fetch import identity
from workflow.data.fetch.extract import extract


def prepare(manifest: Dataset, downloads: Path, out: Path, checksums: Mapping[str, str] | None) -> None:
    """Makes `{train,val,test}` with images and `{train,val,test}annot` with label maps, as they are in the archive.

    Args:
        manifest: the dataset.
        downloads: folder with its archive.
        out: the folder to make.
        checksums: sha256 of each file of the prepared dataset, by its path in `out`; just these are extracted.

    Raises:
        SegReproError: the archive is missing or not the right one, or a file in it differs from the checksums.
    """
    (source,) = manifest.sources
    identity.require(source, downloads / source.file)
    extract(downloads / source.file, source.folder, out, checksums)

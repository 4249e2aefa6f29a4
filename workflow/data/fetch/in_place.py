"""Whether what an archive holds is in its place: as the archive, or unpacked."""

from pathlib import Path

from data_manifests.schemas.dataset import Archive


def unpacked(source: Archive, downloads: Path) -> Path | None:
    """The folder, named as in the archive, that stands for an archive which is not there; None if there is none.

    Args:
        source: an archive of the manifest.
        downloads: the folder where the archive belongs; the folder may be a link, and need not be writable.
    """
    folder = downloads / source.folder
    if source.folder in ("", ".") or source.may_be_left_out or (downloads / source.file).exists():
        return None
    return folder if folder.is_dir() else None


def is_there(source: Archive, downloads: Path) -> bool:
    """Whether an archive is in its place, or what it holds."""
    return (downloads / source.file).is_file() or unpacked(source, downloads) is not None

"""Cityscapes with coarse annotations; the images that the fine ones have too are links to them."""

from pathlib import Path

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset

from . import cityscapes
from .links import link
from workflow.data.fetch import sources
from segrepro.atomic import atomic_folder

_SHARED = ("train", "val")


def prepare(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    """Makes the owner's folders, with `leftImg8bit/{train,val}` as links into `cityscapes` beside `out`.

    What a killed run had finished in `<out>.partial` is not done again.

    Args:
        manifest: the dataset; its layout says where the label maps with train ids belong.
        downloads: folder with its archives.
        out: the folder to make.
        threads: how many label maps are converted at a time.

    Raises:
        SegReproError: Cityscapes is not prepared, an archive is missing or not the right one, or a label map cannot be
            read.
    """
    sources.require(manifest.sources, downloads)
    (fine,) = (out.parent / name for name in manifest.needs)
    shared = {split: fine / "leftImg8bit" / split for split in _SHARED}
    for images in shared.values():
        if not images.is_dir():
            raise SegReproError(f"{images}: no such folder; prepare {fine.name} first (workflow/scripts/prepare.py)")
    with atomic_folder(out, resume=True) as folder:
        (folder / "leftImg8bit").mkdir(exist_ok=True)
        # From another disk, to which a link in place of `out` leads, no relative path holds.
        links = {folder / "leftImg8bit" / split: images.resolve() for split, images in shared.items()}
        link(links, relative=not out.is_symlink())
        cityscapes.lay_out(manifest, downloads, folder, threads)

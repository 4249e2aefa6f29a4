"""PASCAL VOC 2012 in its owner's folders, with the label maps and lists that SBD adds."""

import shutil
from pathlib import Path

from data_manifests.schemas.dataset import Dataset
from segrepro.atomic import atomic_write

from workflow.data.fetch import sources
from . import sbd
from .links import link
from segrepro.atomic import atomic_folder, remove_folder

_LISTS = "ImageSets/Segmentation"


def prepare(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    """Makes VOC's folders, `SegmentationClassSBD`, `SegmentationClassAug`, the lists beside VOC's own, and `test`.

    VOC's label maps stay as they are: pictures with a palette whose indices are the train ids. `SegmentationClassSBD`
    holds SBD's, which know no void. `SegmentationClassAug` holds links to the label maps of `train_aug`: VOC's where
    there is one, else SBD's. `test` is made where its archive was placed. What a killed run had finished in
    `<out>.partial` is not done again.

    Args:
        manifest: the dataset; its sources are VOC's trainval, SBD and VOC's test, in this order.
        downloads: folder with its archives.
        out: the folder to make.
        threads: how many label maps are converted at a time.

    Raises:
        SegReproError: an archive is missing or not the right one, or a label map of SBD cannot be read.
    """
    trainval, boundaries, test = manifest.sources
    placed = [trainval, boundaries] + ([test] if (downloads / test.file).exists() else [])
    sources.require(placed, downloads)
    with atomic_folder(out, resume=True) as folder:
        mats = folder / "sbd"
        if not (folder / _LISTS).exists():
            sources.unpack(trainval, downloads, folder)
        if not mats.exists():
            sources.unpack(boundaries, downloads, mats)
        if test in placed and not (folder / "test").exists():
            sources.unpack(test, downloads, folder / "test")
        sbd.write_label_maps(mats / "cls", folder / "SegmentationClassSBD", threads)
        lists = sbd.split_lists(
            _names(folder / _LISTS / "train.txt"),
            _names(folder / _LISTS / "val.txt"),
            _names(mats / "train.txt"),
            _names(mats / "val.txt"),
        )
        for name, names in lists.items():
            atomic_write(folder / _LISTS / f"{name}.txt", "".join(f"{image}\n" for image in names))
        _link_augmented(folder, lists["train_aug"])
        remove_folder(mats)


def _names(list_file: Path) -> list[str]:
    return list_file.read_text(encoding="utf-8").split()


def _link_augmented(folder: Path, names: list[str]) -> None:
    """Makes `SegmentationClassAug`, whose files are links to VOC's label maps where there are any, else to SBD's."""
    augmented = folder / "SegmentationClassAug"
    shutil.rmtree(augmented, ignore_errors=True)
    augmented.mkdir()
    voc, sbd_maps = folder / "SegmentationClass", folder / "SegmentationClassSBD"
    files = [f"{name}.png" for name in names]
    link(
        {augmented / file: (voc if (voc / file).exists() else sbd_maps) / file for file in files},
        relative=True,
    )

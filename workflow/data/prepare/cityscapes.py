"""Cityscapes: its archives side by side, and label maps with train ids."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
from cityscapesscripts.helpers.labels import labels as owners_labels
from numpy.typing import NDArray
from tqdm.contrib.concurrent import thread_map

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset

from workflow.data.fetch import sources
from segrepro.atomic import atomic_folder
from .write_png import write_png

_IDS, _TRAIN_IDS = "_labelIds.png", "_labelTrainIds.png"


def prepare(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    """Makes the owner's folders and `*_labelTrainIds.png` beside each public `*_labelIds.png`.

    What a killed run had finished in `<out>.partial` is not done again.

    Args:
        manifest: the dataset; its layout says where the label maps with train ids belong.
        downloads: folder with its archives.
        out: the folder to make.
        threads: how many label maps are converted at a time.

    Raises:
        SegReproError: an archive is missing or not the right one, or a label map cannot be read.
    """
    sources.require(manifest.sources, downloads)
    with atomic_folder(out, resume=True) as folder:
        lay_out(manifest, downloads, folder, threads)


def lay_out(manifest: Dataset, downloads: Path, folder: Path, threads: int) -> None:
    """Does in a folder that is there what `prepare` does with archives that are right, as far as it is not done."""
    for source in manifest.sources:
        if not (folder / source.folder).exists():
            sources.unpack(source, downloads, folder / source.folder)
    patterns = [manifest.layout.labels.format(split=n) for n, s in manifest.splits.items() if s.labels == "public"]
    ids = sorted(path for p in patterns for path in folder.glob(p.replace(_TRAIN_IDS, _IDS)))
    todo = [path for path in ids if not _beside(path).exists()]
    thread_map(
        partial(_convert, table=_table()), todo, max_workers=threads, desc="label maps", unit="file", mininterval=1
    )


def _convert(ids_file: Path, table: NDArray[np.int16]) -> None:
    """Writes the label map with train ids beside one with the owner's ids."""
    ids = cv2.imread(str(ids_file), cv2.IMREAD_UNCHANGED)
    advice = f"download the archive again and remove {ids_file.parents[3]}"
    if ids is None or ids.ndim != 2 or ids.dtype != np.uint8:
        raise SegReproError(f"{ids_file}: found no label map; expected a picture of one 8-bit channel; {advice}")
    train_ids = table[ids]
    if unknown := sorted(set(ids[train_ids < 0].tolist())):
        raise SegReproError(f"{ids_file}: found label ids {unknown}; expected those of cityscapesscripts; {advice}")
    write_png(_beside(ids_file), train_ids.astype(np.uint8))


def _table() -> NDArray[np.int16]:
    """The train id of each of the owner's label ids 0..255; -1 where there is no such label."""
    table = np.full(256, -1, np.int16)
    for label in owners_labels:
        if label.id >= 0:
            table[label.id] = label.trainId
    return table


def _beside(ids_file: Path) -> Path:
    return ids_file.with_name(ids_file.name.replace(_IDS, _TRAIN_IDS))

"""CamVid as its owners released it: pictures of 960x720 pixels, and label maps in 32 colors."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm.contrib.concurrent import thread_map

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet
from segrepro.atomic import atomic_write

from workflow.data.fetch import sources
from segrepro.atomic import atomic_folder
from .write_png import write_png

_UNKNOWN = -1


def prepare(
    manifest: Dataset, labels: LabelSet, split_of: Mapping[str, str], downloads: Path, out: Path, threads: int
) -> None:
    """Makes `images` and `colors`, as they are in the archives, `labels` with train ids, and the lists of the splits.

    What a killed run had finished in `<out>.partial` is not done again.

    Args:
        manifest: the dataset: first the archive of the pictures, then that of the colored label maps `<name>_L.png`.
        labels: the classes, with the owner's colors of each.
        split_of: from the name of a picture, without suffix, to its split.
        downloads: folder with the archives.
        out: the folder to make.
        threads: how many label maps are converted at a time.

    Raises:
        SegReproError: an archive is missing, is not the right one or lacks a file, or a label map cannot be read or
            has a color that no class has.
    """
    folders = dict(zip(("images", "colors"), manifest.sources, strict=True))
    sources.require(folders.values(), downloads)
    with atomic_folder(out, resume=True) as folder:
        for name, source in folders.items():
            if not (folder / name).exists():
                sources.unpack(source, downloads, folder / name)
        missing = [f"colors/{n}_L.png" for n in split_of if not (folder / f"colors/{n}_L.png").exists()]
        if missing:
            raise SegReproError(
                f"{downloads / folders['colors'].file}: {len(missing)} of {len(split_of)} label maps are missing, "
                f"{missing[0]} for one; download it again and remove {folder}"
            )
        todo = [name for name in sorted(split_of) if not (folder / f"labels/{name}.png").exists()]
        convert = partial(_convert, folder=folder, table=_table(labels))
        thread_map(convert, todo, max_workers=threads, desc="label maps", unit="file", mininterval=1)
        for split in manifest.splits:
            names = sorted(name for name, of in split_of.items() if of == split)
            atomic_write(folder / f"splits/{split}.txt", "".join(f"{name}\n" for name in names))


def _convert(name: str, folder: Path, table: NDArray[np.int16]) -> None:
    colored = folder / f"colors/{name}_L.png"
    pixels = cv2.imread(str(colored), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    advice = f"download the archive again and remove {folder}"
    if pixels is None:
        raise SegReproError(f"{colored}: found a file that is no image; {advice}")
    codes = _codes(pixels[..., ::-1])
    train_ids = table[codes]
    if (train_ids == _UNKNOWN).any():
        unknown = [divmod(code, 1 << 16) for code in np.unique(codes[train_ids == _UNKNOWN]).tolist()]
        colors = [[red, *divmod(rest, 1 << 8)] for red, rest in unknown]
        raise SegReproError(f"{colored}: found the colors {colors}; expected those of the label set; {advice}")
    write_png(folder / f"labels/{name}.png", train_ids.astype(np.uint8))


def _table(labels: LabelSet) -> NDArray[np.int16]:
    """The train id of each RGB color, as `_codes` numbers them."""
    table = np.full(1 << 24, _UNKNOWN, np.int16)
    colors = {train_id: cls.owners_colors for train_id, cls in enumerate(labels.classes)}
    for train_id, of_class in (colors | {labels.void.label: labels.void.owners_colors}).items():
        table[_codes(np.array(of_class).reshape(-1, 3))] = train_id
    return table


def _codes(rgb: NDArray[Any]) -> NDArray[np.int32]:
    """One number for each color, shape (..., 3) to (...)."""
    codes: NDArray[np.int32] = rgb.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    return codes

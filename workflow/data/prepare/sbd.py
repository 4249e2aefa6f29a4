"""The Semantic Boundaries Dataset: more label maps for images of PASCAL VOC."""

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from segrepro.errors import SegReproError

from workflow.data.parallel import each
from .write_png import write_png


def label_map(mat: bytes) -> NDArray[np.uint8]:
    """The classes of an image from the content of a file `cls/<name>.mat`, shape (H, W).

    Values are VOC's: 0 for background, 1 to 20. There is no void.

    Raises:
        ValueError: it holds no `GTcls.Segmentation`.
    """
    try:
        pixels: NDArray[np.uint8] = loadmat(io.BytesIO(mat))["GTcls"]["Segmentation"][0, 0]
    except Exception as error:  # the reader raises whatever the damage leads to
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if pixels.ndim != 2 or pixels.dtype != np.uint8:
        raise ValueError(f"GTcls.Segmentation has shape {pixels.shape} and type {pixels.dtype}")
    return pixels


def write_label_maps(mats: Path, out: Path, processes: int) -> None:
    """Writes `out/<name>.png` for each `mats/<name>.mat`; those that are there already are kept.

    Raises:
        SegReproError: a file holds no label map.
    """
    out.mkdir(exist_ok=True)
    todo = sorted(path for path in mats.glob("*.mat") if not (out / f"{path.stem}.png").exists())
    each(partial(_convert, out=out), todo, processes, "label maps of SBD")


def _convert(mat: Path, out: Path) -> None:
    try:
        pixels = label_map(mat.read_bytes())
    except ValueError as error:
        raise SegReproError(
            f"{mat}: found no label map ({error}); expected GTcls.Segmentation of 8 bits; "
            f"remove {mat.parents[1]} and prepare the dataset again"
        ) from None
    write_png(out / f"{mat.stem}.png", pixels)


def split_lists(
    voc_train: Iterable[str], voc_val: Iterable[str], sbd_train: Iterable[str], sbd_val: Iterable[str]
) -> dict[str, list[str]]:
    """The splits that the literature makes of VOC 2012 and SBD, each as a sorted list of image names.

    Args:
        voc_train: names in VOC's list `train` (1464).
        voc_val: names in VOC's list `val` (1449).
        sbd_train: names in SBD's list `train` (8498).
        sbd_val: names in SBD's list `val` (2857).

    Returns:
        `train_aug`: everything that has labels but is not in VOC's `val` (10582), as Hariharan et al., "Semantic contours
        from inverse detectors", ICCV 2011, and most papers since train on; `sbd`: all of SBD (11355); `sbd_train`: the
        part of it that its own list `train` names (8498); `val_not_in_sbd`: the
        rest of VOC's `val` (346), on which a network that saw all of SBD can be scored.
    """
    train, val, boundaries_train = set(voc_train), set(voc_val), set(sbd_train)
    boundaries = boundaries_train | set(sbd_val)
    return {
        "train_aug": sorted((train | boundaries) - val),
        "sbd": sorted(boundaries),
        "sbd_train": sorted(boundaries_train),
        "val_not_in_sbd": sorted(val - boundaries),
    }

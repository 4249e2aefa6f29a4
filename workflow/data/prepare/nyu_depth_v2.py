"""NYU Depth v2: the labelled frames of the owner's HDF5 file, as pictures of two splits with 40 classes."""

from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from tqdm.contrib.concurrent import thread_map

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet

from workflow.data.fetch import sources
from segrepro.atomic import atomic_folder
from .write_png import write_png

FRAMES, SPLITS, MAPPING = "nyu_depth_v2_labeled.mat", "splits.mat", "classMapping40.mat"


def prepare(manifest: Dataset, labels: LabelSet, downloads: Path, out: Path, threads: int) -> None:
    """Makes `images/<split>/<number>.png` and `labels/<split>/<number>.png`, numbered from 0001 as the owner does.

    What a killed run had finished in `<out>.partial` is not done again.

    Args:
        manifest: the dataset; gives image size, splits and the layout.
        labels: the 40 classes, in the order of the mapping, and void.
        downloads: folder with the owner's frames, the splits and the mapping of 894 labels to 40 classes.
        out: the folder to make.
        threads: how many frames are encoded at a time; reading is one at a time, as HDF5 is.

    Raises:
        SegReproError: a file is missing, cannot be read, or does not hold what it should.
    """
    sources.require(manifest.sources, downloads)
    table = _train_ids(downloads / MAPPING, labels)
    splits = _splits(downloads / SPLITS, manifest)
    with _opened(downloads / FRAMES) as frames, atomic_folder(out, resume=True) as folder:
        _check(frames, table, splits, manifest)
        todo = []
        for split, numbers in splits.items():
            for number in numbers:
                files = [
                    folder / pattern.format(split=split).replace("*", f"{number:04d}")
                    for pattern in (manifest.layout.images, manifest.layout.labels)
                ]
                if not all(file.exists() for file in files):
                    todo.append((number, *files))
        write = partial(_write, frames=frames, lock=Lock(), table=table)
        thread_map(write, todo, max_workers=threads, desc="frames", unit="frame", mininterval=1)


def _opened(file: Path) -> h5py.File:
    try:
        return h5py.File(file)
    except OSError as error:  # also where it is cut short
        raise SegReproError(f"{file}: cannot be read ({error}); download it again") from error


def _write(frame: tuple[int, Path, Path], frames: h5py.File, lock: Lock, table: NDArray[np.uint8]) -> None:
    number, image_file, label_file = frame
    try:
        with lock:
            image, label_map = frames["images"][number - 1], frames["labels"][number - 1]
    except OSError as error:
        raise SegReproError(
            f"{frames.filename}: frame {number} cannot be read ({error}); download it again"
        ) from error
    # MATLAB's axes come in reverse: (3, W, H) and (W, H).
    for file, pixels in ((image_file, image.T[..., ::-1]), (label_file, table[label_map.T])):
        write_png(file, pixels)


def _train_ids(mapping: Path, labels: LabelSet) -> NDArray[np.uint8]:
    """The train id of each of the owner's labels; label 0, which no object has, is void."""
    classes = len(labels.classes)
    found = np.ravel(_variable(mapping, "mapClass"))
    if not np.isin(found, np.arange(1, classes + 1)).all():
        raise SegReproError(f"{mapping}: mapClass: found values other than 1 to {classes}; expected a class each")
    return np.array([labels.void.label, *(found.astype(int) - 1)], np.uint8)


def _splits(file: Path, manifest: Dataset) -> dict[str, list[int]]:
    """The numbers of the frames of each split, from 1."""
    splits = {name: sorted(np.ravel(_variable(file, f"{name}Ndxs")).astype(int).tolist()) for name in manifest.splits}
    for name, numbers in splits.items():
        if len(set(numbers)) != manifest.splits[name].images:
            raise SegReproError(
                f"{file}: {name}Ndxs: found {len(set(numbers))} frames; expected {manifest.splits[name].images}"
            )
    everything = [number for numbers in splits.values() for number in numbers]
    if shared := sorted({number for number in everything if everything.count(number) > 1}):
        raise SegReproError(f"{file}: found frames {shared} in more than one split; download it again")
    return splits


def _variable(file: Path, name: str) -> Any:
    try:
        content = loadmat(file, variable_names=[name])
    except Exception as error:  # SciPy has no type of its own for what it cannot make sense of
        raise SegReproError(f"{file}: cannot be read ({error}); expected a MATLAB file; download it again") from error
    if name not in content:
        raise SegReproError(f"{file}: found no variable {name}; download it again")
    return content[name]


def _check(
    frames: h5py.File, table: NDArray[np.uint8], splits: dict[str, list[int]], manifest: Dataset
) -> None:
    """Refuses a file of another form before the first picture is written."""
    width, height = manifest.image_size or (0, 0)
    count = max(max(numbers) for numbers in splits.values())
    for name, shape in {"images": (count, 3, width, height), "labels": (count, width, height)}.items():
        found = frames[name].shape if name in frames else (0,)
        if found[0] < count or found[1:] != shape[1:]:
            raise SegReproError(
                f"{frames.filename}: {name}: found the shape {found}; expected {shape}; download it again"
            )
    names = frames["names"].size if "names" in frames else 0
    if names != len(table) - 1:
        raise SegReproError(
            f"{frames.filename}: names: found {names} labels; expected {len(table) - 1}, those of {MAPPING}"
        )

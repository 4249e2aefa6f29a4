"""The dataset as files, in the layout of Cityscapes."""

import zlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from cityscapesscripts.helpers.labels import labels as owners_labels
from numpy.typing import NDArray
from tqdm import tqdm

from segrepro.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet

from .png import encode
from .scene import draw_scene

_FRAME = 19  # of the 30 frames of a Cityscapes snippet, the one that is annotated

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class _Sample(NamedTuple):
    """One picture: its place in the dataset decides its content, whatever else is drawn."""

    split: str
    city: str
    number_in_city: int
    number_in_split: int

    def file(self, out: Path, folder: str, suffix: str) -> Path:
        name = f"{self.city}_{self.number_in_city:06d}_{_FRAME:06d}_{suffix}.png"
        return out / folder / self.split / self.city / name

    def seed(self, dataset_seed: int) -> tuple[int, int, int]:
        return dataset_seed, zlib.crc32(self.split.encode()), self.number_in_split


def draw(manifest: Dataset, labels: LabelSet, out: Path, workers: int | None = None) -> None:
    """Draws the dataset.

    The files of a picture depend on the seed, the split and the picture's number only: not on the machine, the number
    of pictures or the number of processes.

    Args:
        manifest: gives seed, cities, picture size, and the number of pictures of each split.
        labels: gives the train ids; names its classes as Cityscapes does.
        out: existing or new folder for `leftImg8bit` and `gtFine`; files of the same name are replaced.
        workers: number of processes; None for one a processor.

    Raises:
        SegReproError: the manifest has no generator, or the label set names a class that Cityscapes does not have.
    """
    size = manifest.image_size
    if manifest.generator is None or size is None:
        raise SegReproError(
            f"manifest of {manifest.id}: generator: found nothing; expected the seed and the cities of each split, "
            "as in data_manifests/datasets/synthcity.yaml"
        )
    seed = manifest.generator.seed
    cities = manifest.generator.cities
    counts = {name: split.images for name, split in manifest.splits.items() if split.images is not None}
    samples = [s for name, images in counts.items() for s in _samples(name, images, cities[name])]
    for folder in {sample.file(out, top, "").parent for sample in samples for top in ("leftImg8bit", "gtFine")}:
        folder.mkdir(parents=True, exist_ok=True)
    train_ids = _train_ids(labels)
    # Spawned, not forked: the caller may run threads.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        drawn = [pool.submit(_draw_sample, sample, seed, size, train_ids, out) for sample in samples]
        for picture in tqdm(as_completed(drawn), total=len(drawn), desc=f"drawing {manifest.id}", unit="image"):
            picture.result()


def _samples(split: str, images: int, cities: tuple[str, ...]) -> list[_Sample]:
    """The pictures of a split, dealt out to its cities in turn."""
    return [_Sample(split, cities[n % len(cities)], n // len(cities), n) for n in range(images)]


def _draw_sample(
    sample: _Sample, seed: int, image_size: tuple[int, int], train_ids: NDArray[np.uint8], out: Path
) -> None:
    image, instance_ids = draw_scene(sample.seed(seed), *image_size)
    label_ids = np.where(instance_ids < 1000, instance_ids, instance_ids // 1000).astype(np.uint8)
    files: dict[tuple[str, str], Pixels] = {
        ("leftImg8bit", "leftImg8bit"): image,
        ("gtFine", "gtFine_labelIds"): label_ids,
        ("gtFine", "gtFine_labelTrainIds"): train_ids[label_ids],
        ("gtFine", "gtFine_instanceIds"): instance_ids,
        ("gtFine", "gtFine_color"): _owners_colors()[label_ids],
    }
    for (folder, suffix), pixels in files.items():
        sample.file(out, folder, suffix).write_bytes(encode(pixels))


def _train_ids(labels: LabelSet) -> NDArray[np.uint8]:
    """Train id by Cityscapes label id; void where the set has no such class."""
    train_id = {cls.name: index for index, cls in enumerate(labels.classes)}
    if unknown := sorted(train_id.keys() - {label.name for label in owners_labels}):
        raise SegReproError(
            f"label set {labels.id}: classes: found {unknown}; expected names of cityscapesscripts.helpers.labels, "
            "which are what synthcity draws"
        )
    named = {label.id: train_id.get(label.name, labels.void.label) for label in owners_labels if label.id >= 0}
    return np.array([named[label_id] for label_id in range(len(named))], np.uint8)


def _owners_colors() -> NDArray[np.uint8]:
    """Color (N, 3) by Cityscapes label id."""
    color = {label.id: label.color for label in owners_labels}
    return np.array([color[label_id] for label_id in range(max(color) + 1)], np.uint8)

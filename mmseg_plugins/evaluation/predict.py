"""One pass of a network over a split: all that scoring needs, and a few label maps to look at."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmseg.datasets import BaseSegDataset
from mmseg.models.segmentors import BaseSegmentor
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from data_manifests.errors import SegReproError
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import SINGLE_SCALE, Inference

from .confusion import InstanceMap, count
from .counts import Counts, concatenate
from .inference import Passes, scores
from .samples import sample_indices

AHEAD = 2
"""Images that each reader keeps ready."""


@dataclass(frozen=True)
class SampleMaps:
    """Label maps of one image that is shown, shape (H, W), uint8."""

    name: str
    image: Path
    truth: NDArray[np.uint8]
    prediction: NDArray[np.uint8]


@dataclass(frozen=True)
class SplitPrediction:
    """What remains of a pass over a split of N images."""

    names: tuple[str, ...]
    """Stems of the image files."""
    by_rule: dict[str, Counts]
    """By name of the inference rule, `single_scale` first."""
    samples: tuple[SampleMaps, ...]

    @property
    def counts(self) -> Counts:
        """Those of the one pass that the config's own test makes."""
        return self.by_rule[SINGLE_SCALE]


@torch.inference_mode()
def predict_split(
    network: BaseSegmentor,
    dataset: BaseSegDataset,
    label_set: LabelSet,
    *,
    readers: int,
    rules: Mapping[str, Inference] | None = None,
    instance_files: Sequence[Path] | None = None,
    keep: Callable[[str, NDArray[np.uint8]], None] | None = None,
) -> SplitPrediction:
    """Predicts every image of a split and counts, under each inference rule; a pass that several need is made once.

    The counts at a single scale are those of MMSegmentation's test loop.

    Args:
        network: with its weights, on the device to use; with C outputs, or C + 1 where the last one is void. It is
            put into evaluation mode and channels-last layout.
        dataset: items from a test pipeline that ends with `PackSegInputs` and loads the annotations.
        label_set: the C classes and the label of void.
        readers: threads that read the next images while the network is busy; with 0 each is read when its turn comes.
        rules: inference rules besides the single scale, by name.
        instance_files: instance map of each image, as Cityscapes encodes them; None where the dataset has none.
        keep: called with the stem of each image file and the predicted train ids, shape (H, W), C for void; like the
            samples, at a single scale.

    Returns:
        Counts of each image in the order of the dataset, and samples spread over it.

    Raises:
        SegReproError: an image, label map or instance map cannot be read or does not fit, the outputs do not fit the
            classes, or a logit is not finite.
    """
    network = network.eval().to(memory_format=torch.channels_last)
    shown = sample_indices(len(dataset))
    every = {SINGLE_SCALE: None, **(rules or {})}
    counts: dict[str, list[Counts]] = {name: [] for name in every}
    names, samples = [], []
    items = _items(dataset, instance_files, readers)
    for index, (item, instances) in enumerate(tqdm(items, desc="predict", total=len(dataset), unit="image")):
        meta = item["data_samples"].metainfo
        truth = _truth(item)
        predictions, outputs = _predictions(network, item, every, label_set)
        for name, prediction in predictions.items():
            counts[name].append(
                count(prediction, truth, instances, label_set, outputs=outputs, source=meta["seg_map_path"])
            )
        names.append(Path(meta["img_path"]).stem)
        single = predictions[SINGLE_SCALE]
        if index in shown:
            maps = (label_map.to(torch.uint8).cpu().numpy() for label_map in (truth, single))
            samples.append(SampleMaps(names[-1], Path(meta["img_path"]), *maps))
        if keep is not None:
            keep(names[-1], single.to(torch.uint8).cpu().numpy())
    by_rule = {name: concatenate(of_rule) for name, of_rule in counts.items()}
    return SplitPrediction(tuple(names), by_rule, tuple(samples))


@torch.inference_mode()
def predict_label_maps(
    network: BaseSegmentor,
    dataset: BaseSegDataset,
    label_set: LabelSet,
    *,
    readers: int,
    rule: Inference | None = None,
) -> Iterator[tuple[Path, NDArray[np.uint8]]]:
    """Predicts every image of a split whose labels are hidden, as `predict_split` does.

    Args:
        network: as for `predict_split`.
        dataset: items from a test pipeline that ends with `PackSegInputs`.
        label_set: the C classes.
        readers: as for `predict_split`.
        rule: inference rule; None: a single scale.

    Yields:
        The file of an image and its train ids, shape (H, W) of the image; C where the network sees void.

    Raises:
        SegReproError: an image cannot be read, the outputs do not fit the classes, or a logit is not finite.
    """
    network = network.eval().to(memory_format=torch.channels_last)
    for item, _ in tqdm(_items(dataset, None, readers), desc="predict", total=len(dataset), unit="image"):
        predictions, _ = _predictions(network, item, {SINGLE_SCALE: rule}, label_set)
        label_map = predictions[SINGLE_SCALE].to(torch.uint8).cpu().numpy()
        yield Path(item["data_samples"].metainfo["img_path"]), label_map


def _items(
    dataset: BaseSegDataset, instance_files: Sequence[Path] | None, readers: int
) -> Iterator[tuple[dict[str, Any], InstanceMap | None]]:
    """The items in order. Threads do, because decoders release the interpreter, and nothing has to be copied."""

    def read(index: int) -> tuple[dict[str, Any], InstanceMap | None]:
        return _item(dataset, index), _instances(instance_files[index]) if instance_files is not None else None

    if readers == 0:
        yield from map(read, range(len(dataset)))
        return
    with ThreadPoolExecutor(readers) as pool:
        waiting: deque[Future] = deque()
        for index in range(len(dataset)):
            waiting.append(pool.submit(read, index))
            if len(waiting) > AHEAD * readers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _item(dataset: BaseSegDataset, index: int) -> dict[str, Any]:
    try:
        return dataset[index]
    except Exception as error:
        info = dataset.get_data_info(index)
        raise SegReproError(
            f"{info['img_path']} or its label map {info.get('seg_map_path')}: cannot be read ({type(error).__name__}: "
            f"{error}); expected two image files. Prepare and verify the dataset again"
        ) from error


def _instances(file: Path) -> InstanceMap:
    values = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 2 or values.dtype != np.uint16:
        found = "no picture" if values is None else f"height, width, channels {values.shape} of {values.dtype}"
        raise SegReproError(
            f"{file}: found {found}; expected an instance map, one channel of uint16. Prepare the dataset again"
        )
    return InstanceMap(torch.from_numpy(values), str(file))


def _truth(item: dict[str, Any]) -> Tensor:
    sample = item["data_samples"]
    if "gt_sem_seg" not in sample:
        raise SegReproError(
            f"{sample.img_path}: found no label map; expected LoadAnnotations in the config's test pipeline. Add it"
        )
    return sample.gt_sem_seg.data[0]


def _predictions(
    network: BaseSegmentor, item: dict[str, Any], rules: Mapping[str, Inference | None], label_set: LabelSet
) -> tuple[dict[str, Tensor], int]:
    """Predicted train ids (H, W) under each rule, and how many outputs they were chosen from."""
    image = item["data_samples"].metainfo["img_path"]
    passes = Passes(network, item, rules, check=lambda logits: _check(logits, label_set, image))
    predictions = {}
    for name, rule in rules.items():
        total = scores(rule, passes)
        # Equal to argmax, and several times faster on the CPU.
        predictions[name] = total.max(dim=1).indices[0]
    return predictions, total.shape[1]


def _check(logits: Tensor, label_set: LabelSet, image: str) -> None:
    classes, outputs = len(label_set.classes), logits.shape[1]
    if outputs not in (classes, classes + 1):
        raise SegReproError(
            f"the config's model: found {outputs} outputs; expected {classes}, the classes of {label_set.id}, or one "
            "more for void. Correct num_classes"
        )
    # The sum is much cheaper than a look at each value, and finite only if each value is.
    if not logits.sum().isfinite() and not logits.isfinite().all():
        raise SegReproError(
            f"{image}: found NaN or infinite logits; expected finite numbers. The weights are broken or the training "
            "diverged: train or fetch them again"
        )

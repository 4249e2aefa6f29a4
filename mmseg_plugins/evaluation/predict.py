"""One pass of a network over a split: all that scoring needs, and a few label maps to look at."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmseg.datasets import BaseSegDataset
from mmseg.models.segmentors import BaseSegmentor
from mmseg.models.utils import resize
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from data_manifests.errors import SegReproError
from data_manifests.schemas.label_set import LabelSet

from .confusion import InstanceMap, count
from .counts import Counts, concatenate
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
    counts: Counts
    samples: tuple[SampleMaps, ...]


@torch.inference_mode()
def predict_split(
    network: BaseSegmentor,
    dataset: BaseSegDataset,
    label_set: LabelSet,
    *,
    readers: int,
    instance_files: Sequence[Path] | None = None,
    keep: Callable[[str, NDArray[np.uint8]], None] | None = None,
) -> SplitPrediction:
    """Predicts every image of a split at one scale and counts; the numbers are those of MMSegmentation's test loop.

    Args:
        network: with its weights, on the device to use; with C outputs, or C + 1 where the last one is void. It is
            put into evaluation mode and channels-last layout.
        dataset: items from a test pipeline that ends with `PackSegInputs` and loads the annotations.
        label_set: the C classes and the label of void.
        readers: threads that read the next images while the network is busy; with 0 each is read when its turn comes.
        instance_files: instance map of each image, as Cityscapes encodes them; None where the dataset has none.
        keep: called with the stem of each image file and the predicted train ids, shape (H, W), C for void.

    Returns:
        Counts of each image in the order of the dataset, and samples spread over it.

    Raises:
        SegReproError: an image, label map or instance map cannot be read or does not fit, the outputs do not fit the
            classes, or a logit is not finite.
    """
    network = network.eval().to(memory_format=torch.channels_last)
    shown = sample_indices(len(dataset))
    names, counts, samples = [], [], []
    items = _items(dataset, instance_files, readers)
    for index, (item, instances) in enumerate(tqdm(items, desc="predict", total=len(dataset), unit="image")):
        meta = item["data_samples"].metainfo
        truth = _truth(item)
        logits = _logits(network, item)
        _check(logits, label_set, meta["img_path"])
        # Equal to argmax, and several times faster on the CPU.
        prediction = logits.max(dim=1).indices[0]
        counts.append(
            count(prediction, truth, instances, label_set, outputs=logits.shape[1], source=meta["seg_map_path"])
        )
        names.append(Path(meta["img_path"]).stem)
        if index in shown:
            maps = (label_map.to(torch.uint8).cpu().numpy() for label_map in (truth, prediction))
            samples.append(SampleMaps(names[-1], Path(meta["img_path"]), *maps))
        if keep is not None:
            keep(names[-1], prediction.to(torch.uint8).cpu().numpy())
    return SplitPrediction(tuple(names), concatenate(counts), tuple(samples))


@torch.inference_mode()
def predict_label_maps(
    network: BaseSegmentor, dataset: BaseSegDataset, label_set: LabelSet, *, readers: int
) -> Iterator[tuple[Path, NDArray[np.uint8]]]:
    """Predicts every image of a split whose labels are hidden, as `predict_split` does.

    Args:
        network: as for `predict_split`.
        dataset: items from a test pipeline that ends with `PackSegInputs`.
        label_set: the C classes.
        readers: as for `predict_split`.

    Yields:
        The file of an image and its train ids, shape (H, W) of the image; C where the network sees void.

    Raises:
        SegReproError: an image cannot be read, the outputs do not fit the classes, or a logit is not finite.
    """
    network = network.eval().to(memory_format=torch.channels_last)
    for item, _ in tqdm(_items(dataset, None, readers), desc="predict", total=len(dataset), unit="image"):
        image = Path(item["data_samples"].metainfo["img_path"])
        logits = _logits(network, item)
        _check(logits, label_set, str(image))
        yield image, logits.max(dim=1).indices[0].to(torch.uint8).cpu().numpy()


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


def _logits(network: BaseSegmentor, item: dict[str, Any]) -> Tensor:
    """Logits (1, C, H, W) at the image's original size, as MMSegmentation's `postprocess_result` makes them."""
    data = network.data_preprocessor(pseudo_collate([item]), False)
    metas = [sample.metainfo for sample in data["data_samples"]]
    logits = network.inference(data["inputs"], metas)
    left, right, top, bottom = metas[0].get("img_padding_size", metas[0].get("padding_size", (0, 0, 0, 0)))
    height, width = logits.shape[2:]
    logits = logits[:, :, top : height - bottom, left : width - right]
    if logits.shape[2:] != metas[0]["ori_shape"]:
        logits = resize(
            logits, metas[0]["ori_shape"], mode="bilinear", align_corners=network.align_corners, warning=False
        )
    return logits


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

"""Predicts a split: pixel counts for scoring, and label maps of chosen images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from mmseg.datasets import BaseSegDataset
from mmseg.models.segmentors import BaseSegmentor
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from data_manifests.schemas.evidence import Rank
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import SINGLE_SCALE, Inference
from segrepro.errors import SegReproError

from .confusion import InstanceMap, count
from .counts import Counts, concatenate
from .inference import Passes, enlarged, scores
from .overlap import Item, Result, overlapped
from .samples import Chosen
from .scaled_images import ScaledImages, scaled_images


@dataclass(frozen=True)
class SampleMaps:
    """One sample image with its ground truth and prediction; uint8, all three of the same part of the image."""

    name: str
    rank: Rank
    iou: float
    """Percent."""
    image: NDArray[np.uint8]
    """As the test pipeline gives it to the network, BGR, shape (h, w, 3); it may be smaller than the label maps."""
    truth: NDArray[np.uint8]
    """Shape (H, W)."""
    prediction: NDArray[np.uint8]
    """Shape (H, W)."""


@dataclass(frozen=True)
class SplitPrediction:
    """The result for a split of N images."""

    names: tuple[str, ...]
    """Stems of the image files."""
    by_rule: dict[str, Counts]
    """By name of the inference rule, `single_scale` first."""

    @property
    def counts(self) -> Counts:
        """Counts under the config's own test, a single pass."""
        return self.by_rule[SINGLE_SCALE]


class _LoadedImage(NamedTuple):
    """One image, loaded and resized."""

    item: dict[str, Any]
    scaled: ScaledImages
    instances: InstanceMap | None = None


class _ImageResult(NamedTuple):
    """The result for one image."""

    item: dict[str, Any]
    counts: dict[str, Counts]
    """By inference rule."""
    prediction: NDArray[np.uint8]
    """Train ids at a single scale, shape (H, W)."""


def predict_split(
    network: BaseSegmentor,
    dataset: BaseSegDataset,
    label_set: LabelSet,
    *,
    rules: Mapping[str, Inference] | None = None,
    instance_files: Sequence[Path] | None = None,
    keep: Callable[[str, NDArray[np.uint8]], None] | None = None,
) -> SplitPrediction:
    """Predicts every image of a split and counts its pixels under each inference rule.

    A forward pass that several rules need runs only once. The counts at a single scale are those of MMSegmentation's
    test loop.

    Args:
        network: with its weights, on the device to use; with C outputs, or C + 1 where the last one is void. It is
            put into evaluation mode and channels-last layout.
        dataset: items from a test pipeline that ends with `PackSegInputs` and loads the annotations.
        label_set: the C classes and the label of void.
        rules: inference rules besides the single scale, by name.
        instance_files: instance map of each image, as Cityscapes encodes them; None where the dataset has none.
        keep: called with the stem of each image file and the predicted train ids, shape (H, W), C for void; at a
            single scale and in the order of the dataset.

    Returns:
        Counts of each image in the order of the dataset.

    Raises:
        SegReproError: an image, label map or instance map cannot be read or does not fit, the outputs do not fit the
            classes, a logit or a score is not finite, or a rule that resizes 8-bit images is used with other images.
    """
    all_rules = {SINGLE_SCALE: None, **(rules or {})}
    counts: dict[str, list[Counts]] = {name: [] for name in all_rules}
    names = []

    def read(index: int) -> _LoadedImage:
        inputs = _load_image(dataset, index, all_rules)
        return inputs if instance_files is None else inputs._replace(instances=_instances(instance_files[index]))

    def predict(inputs: _LoadedImage) -> _ImageResult:
        item = inputs.item
        truth, source = _truth(item), item["data_samples"].seg_map_path
        predictions, num_outputs = _predictions(network, inputs, all_rules, label_set)
        counted = {
            name: count(prediction, truth, inputs.instances, label_set, num_outputs=num_outputs, source=source)
            for name, prediction in predictions.items()
        }
        return _ImageResult(item, counted, _label_map(predictions[SINGLE_SCALE]))

    for item, counted, prediction in _with_progress(network, read, predict, len(dataset)):
        for name, of_images in counted.items():
            counts[name].append(of_images)
        name = Path(item["data_samples"].img_path).stem
        names.append(name)
        if keep is not None:
            keep(name, prediction)
    by_rule = {name: concatenate(of_images) for name, of_images in counts.items()}
    return SplitPrediction(tuple(names), by_rule)


def predict_samples(
    network: BaseSegmentor, dataset: BaseSegDataset, label_set: LabelSet, chosen: Sequence[Chosen]
) -> Iterator[SampleMaps]:
    """Predicts the chosen images of a split once more, at a single scale, as `predict_split` did.

    Only when all images are counted is it known which these are; to keep the maps of all until then takes more.

    Args:
        network: as for `predict_split`.
        dataset: likewise.
        label_set: likewise.
        chosen: images of the dataset.
    """
    single = {SINGLE_SCALE: None}

    def read(index: int) -> _LoadedImage:
        return _load_image(dataset, chosen[index].position, single)

    def predict(inputs: _LoadedImage) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        return inputs.item, _label_map(_predictions(network, inputs, single, label_set)[0][SINGLE_SCALE])

    predicted = _with_progress(network, read, predict, len(chosen), "predict samples")
    for (_, rank, iou), (item, prediction) in zip(chosen, predicted, strict=True):
        name = Path(item["data_samples"].img_path).stem
        yield SampleMaps(name, rank, iou, _to_uint8(item["inputs"]), _label_map(_truth(item)), prediction)


def predict_label_maps(
    network: BaseSegmentor, dataset: BaseSegDataset, label_set: LabelSet, *, rule: Inference | None = None
) -> Iterator[tuple[Path, NDArray[np.uint8]]]:
    """Predicts every image of a split whose labels are hidden, as `predict_split` does.

    Args:
        network: as for `predict_split`.
        dataset: items from a test pipeline that ends with `PackSegInputs`.
        label_set: the C classes.
        rule: inference rule; None: a single scale.

    Yields:
        The file of an image and its train ids, shape (H, W) of the image; C where the network predicts void.

    Raises:
        SegReproError: an image cannot be read, the outputs do not fit the classes, a logit or score is not finite, or
            a rule that resizes 8-bit images is used with other images.
    """
    rules = {"submission": rule}

    def predict(inputs: _LoadedImage) -> tuple[Path, NDArray[np.uint8]]:
        predictions, _ = _predictions(network, inputs, rules, label_set)
        return Path(inputs.item["data_samples"].img_path), _label_map(predictions["submission"])

    yield from _with_progress(network, lambda index: _load_image(dataset, index, rules), predict, len(dataset))


def _with_progress(
    network: BaseSegmentor,
    read: Callable[[int], Item],
    predict: Callable[[Item], Result],
    num_images: int,
    what: str = "predict",
) -> Iterator[Result]:
    """Puts the network into evaluation mode, and yields the result of `predict` for each image, with a progress bar."""
    network.eval().to(memory_format=torch.channels_last)
    device = next(network.parameters()).device
    yield from tqdm(overlapped(read, predict, num_images, device), desc=what, total=num_images, unit="image")


def _load_image(dataset: BaseSegDataset, index: int, rules: Mapping[str, Inference | None]) -> _LoadedImage:
    item = _load_item(dataset, index)
    return _LoadedImage(item, scaled_images(item["inputs"], rules.values(), item["data_samples"].img_path))


def _load_item(dataset: BaseSegDataset, index: int) -> dict[str, Any]:
    try:
        return dataset[index]
    except SegReproError:
        raise
    except Exception as error:
        info = dataset.get_data_info(index)
        raise SegReproError(
            f"{info['img_path']} or its label map {info.get('seg_map_path')}: cannot be read ({type(error).__name__}: "
            f"{error}); expected two image files. Prepare and verify the dataset again"
        ) from error


def _instances(file: Path) -> InstanceMap:
    values = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 2 or values.dtype != np.uint16:
        found = "no image" if values is None else f"height, width, channels {values.shape} of {values.dtype}"
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
    network: BaseSegmentor, inputs: _LoadedImage, rules: Mapping[str, Inference | None], label_set: LabelSet
) -> tuple[dict[str, Tensor], int]:
    """Predicted train ids (H, W) under each rule, and how many outputs they were chosen from."""
    image = inputs.item["data_samples"].img_path
    passes = Passes(network, inputs.item, inputs.scaled, rules, check=lambda logits: _check(logits, label_set, image))
    predictions = {}
    for name, rule in rules.items():
        total = scores(rule, passes)
        if rule is not None and not _finite(total):
            largest = np.log(np.finfo(np.float32).max)
            raise SegReproError(
                f"{image}: inference {name}: found NaN or infinite scores of finite logits; expected finite ones. "
                f"{rule.fuse} overflows where summed logits exceed {largest:.1f}: use a --protocol that fuses "
                "by softmax"
            )
        # Equal to argmax, and several times faster on the CPU.
        predictions[name] = enlarged(total.max(dim=1).indices[0], passes.target)
    return predictions, total.shape[1]


def _check(logits: Tensor, label_set: LabelSet, image: str) -> None:
    num_classes, num_outputs = len(label_set.classes), logits.shape[1]
    if num_outputs not in (num_classes, num_classes + 1):
        raise SegReproError(
            f"the config's model: found {num_outputs} outputs; expected {num_classes}, the classes of {label_set.id}, "
            "or one more for void. Correct num_classes"
        )
    if not _finite(logits):
        raise SegReproError(
            f"{image}: found NaN or infinite logits; expected finite numbers. The weights are broken or the training "
            "diverged: train or fetch them again"
        )


def _finite(values: Tensor) -> bool:
    # The sum is much cheaper than a check of each value, and it is finite only if all values are.
    return bool(values.sum().isfinite() or values.isfinite().all())


def _label_map(train_ids: Tensor) -> NDArray[np.uint8]:
    return train_ids.to(torch.uint8).cpu().numpy()


def _to_uint8(inputs: Tensor) -> NDArray[np.uint8]:
    """Pixels (H, W, 3) of an input (3, H, W); resized float images may have values outside the range of 8 bits."""
    return inputs.float().round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()

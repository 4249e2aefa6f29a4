"""How much the mIoU changes when one choice of its protocol is made differently."""

import copy
from collections.abc import Iterator

import numpy as np
from mmengine.config import Config

from data_manifests.schemas.evidence import Switch
from data_manifests.schemas.label_set import LabelSet, SegmentationClass
from data_manifests.schemas.protocol import Inference, Protocol

from .counts import Counts
from .scores import applies, metric_names, scores

LARGEST_DEVIATION = 255
"""Largest possible deviation of a channel of 8-bit images; a larger `std` also divides the normalised image."""


def miou(counts: Counts, protocol: Protocol, label_set: LabelSet) -> float:
    """Mean IoU of a set of images under a protocol, percent."""
    values = dict(
        zip(
            metric_names(label_set, instances=counts.instances is not None),
            scores(counts, protocol, label_set),
            strict=True,
        )
    )
    return float(values["miou"])


def scoring_switches(
    counts: Counts, protocol: Protocol, label_set: LabelSet, *, batch: int, validation_batch: int
) -> Iterator[Switch]:
    """Scores the same predictions again, with one rule of the protocol changed at a time.

    Args:
        counts: counts of N images.
        protocol: the authors'.
        label_set: the C classes.
        batch: number of images in a batch, for averages over batches.
        validation_batch: the same in ESPNet's training code.

    Yields:
        Each changed choice with its mIoU, without the choices of the protocol itself.
    """
    counts = Counts(counts.confusion)

    def switch(choice: str, setting: str, value: float) -> Switch:
        return Switch(kind="scoring", choice=choice, setting=setting, miou=value)

    void_predicted = counts.confusion.shape[2] > len(label_set.classes)
    for rule, setting in (("ignored", "not counted"), ("class", "a class, left out of the mean")):
        changed = protocol.model_copy(update={"void": rule})
        if rule != protocol.void and applies(changed, void_predicted=void_predicted):
            yield switch("void", setting, miou(counts, changed, label_set))
    if void_predicted:
        yield switch("void", "a class like the others", miou(*_with_void_as_a_class(counts, protocol, label_set)))

    batches = _batches(counts, batch)
    by_part = protocol.model_copy(update={"average": "image"})
    too_many = len(batches.confusion) / (len(batches.confusion) + 1)
    if protocol.average == "dataset":
        yield switch("average", "of the images' values", miou(counts, by_part, label_set))
    else:
        whole = protocol.model_copy(update={"average": "dataset"})
        yield switch("average", "one matrix of all images", miou(counts, whole, label_set))
    yield switch("average", f"of the values of batches of {batch}", miou(batches, by_part, label_set))
    yield switch(
        "average",
        f"of the values of batches of {batch}, divided by one batch too many",
        miou(batches, by_part, label_set) * too_many,
    )
    for rule, setting in (("skipped", "left out of the mean"), ("zero", "counts as 0")):
        if rule != protocol.absent:
            changed = protocol.model_copy(update={"absent": rule})
            yield switch("absent class", setting, miou(counts, changed, label_set))
    if void_predicted:
        # What that code prints after each epoch: the mean over all classes, void among them, of the validation batches.
        of_code = _batches(counts, validation_batch)
        by_batch = protocol.model_copy(update={"average": "image", "absent": "zero"})
        too_many = len(of_code.confusion) / (len(of_code.confusion) + 1)
        yield switch(
            "as ESPNet's training code",
            f"void a class like the others, batches of {validation_batch}, absent classes as 0, one batch too many",
            miou(*_with_void_as_a_class(of_code, by_batch, label_set)) * too_many,
        )


def input_switches(config: Config) -> Iterator[tuple[str, str, Config]]:
    """Configs with another input to the network, each with one change.

    Args:
        config: with mean and std in its `data_preprocessor`.

    Yields:
        Choice, setting and the changed config.
    """
    of_network = config.data_preprocessor
    to_rgb = not of_network.get("bgr_to_rgb", False)
    order = "RGB in place of BGR" if to_rgb else "BGR in place of RGB"
    yield "channels", f"{order}, mean and deviation unchanged", _with(config, bgr_to_rgb=to_rgb)
    if min(of_network.std) > LARGEST_DEVIATION:
        without = [deviation / 255 for deviation in of_network.std]
        yield "range", "the normalised image not divided by 255", _with(config, std=without)


def inference_switches(rule: Inference) -> dict[str, tuple[str, Inference]]:
    """Inference rules with several scales instead of one.

    Args:
        rule: several scales and flip, resized before the image is normalised.

    Returns:
        By setting: the choice, and the rule itself or a rule that differs from it in one choice.
    """
    scales = f"{len(rule.scales)} scales"

    def resized(interpolation: str) -> Inference:
        return rule.model_copy(update={"resize": rule.resize.model_copy(update={"interpolation": interpolation})})

    return {
        f"{scales} and flip, the 8-bit image resized with OpenCV's bilinear filter": ("scales", rule),
        f"{scales} without flip, otherwise the same": ("scales", rule.model_copy(update={"flip": False})),
        f"{scales} and flip, resized after normalising": ("order", resized("bilinear")),
        f"{scales} and flip, Pillow's bicubic filter": ("interpolation", resized("pillow_bicubic")),
    }


def _with(config: Config, **of_network: object) -> Config:
    """A copy with changed entries of the data preprocessor, at the top level and, if present, in the model."""
    changed = copy.deepcopy(config)
    changed.data_preprocessor.update(of_network)
    if "data_preprocessor" in changed.model:
        changed.model.data_preprocessor.update(of_network)
    return changed


def _batches(counts: Counts, size: int) -> Counts:
    """Counts of each batch of images, as if it were one image."""
    starts = np.arange(0, len(counts.confusion), size)
    return Counts(np.add.reduceat(counts.confusion, starts, axis=0))


def _with_void_as_a_class(counts: Counts, protocol: Protocol, label_set: LabelSet) -> tuple[Counts, Protocol, LabelSet]:
    void = SegmentationClass(name="void", color=label_set.void.color)
    # The extended classes have no void pixels.
    confusion = np.pad(counts.confusion, ((0, 0), (0, 1), (0, 0)))
    extended = label_set.model_copy(update={"classes": (*label_set.classes, void)})
    return Counts(confusion), protocol.model_copy(update={"void": "ignored"}), extended

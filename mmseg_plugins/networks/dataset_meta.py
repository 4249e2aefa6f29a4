"""Class names and colours that weights carry, in MMSegmentation's form."""

from mmseg.models.segmentors import BaseSegmentor

from data_manifests.schemas.label_set import LabelSet


def dataset_meta(network: BaseSegmentor, label_set: LabelSet) -> dict[str, tuple[str, ...] | list[list[int]]]:
    """Names and colours of a network's outputs, as MMSegmentation's `init_model` and `MMSegInferencer` read them.

    Args:
        network: has one output more than the label set has classes where it predicts void.
        label_set: classes in the order of their train ids, and void.

    Returns:
        `classes` and `palette`, one entry each for every output; colours are RGB, 0 to 255.
    """
    named = [(c.name, c.color) for c in label_set.classes] + [("void", label_set.void.color)]
    return {
        "classes": tuple(name for name, _ in named[: network.num_classes]),
        "palette": [list(color) for _, color in named[: network.num_classes]],
    }

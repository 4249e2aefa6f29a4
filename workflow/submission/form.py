"""What the owners' servers want: the names of the files and the values of the pixels."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.cityscapes_ids import label_ids


@dataclass(frozen=True)
class Form:
    """How a label map becomes a file of a submission."""

    path: Callable[[str], str]
    """From the stem of the image's name to the path in the archive."""
    values: NDArray[np.uint8]
    """By train id: the value that the server knows the class by; last, if it takes void, that of void."""
    palette: bytes | None
    """Colors of the values, 3 bytes each, for servers that want palette images; None for greyscale."""


def encode(form: Form, label_map: NDArray[np.uint8]) -> bytes:
    """Writes a predicted label map as the server reads it.

    Args:
        form: of the server.
        label_map: train ids of shape (H, W); each must be one that `form.values` has.

    Returns:
        The content of a PNG file.
    """
    picture = Image.fromarray(form.values[label_map])
    if form.palette is not None:
        picture.putpalette(form.palette)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def cityscapes(labels: LabelSet) -> Form:
    """The owner's label ids, in files whose names `getPrediction` of cityscapesscripts finds; void is `unlabeled`."""
    return Form(
        path=lambda stem: f"{stem.removesuffix('_leftImg8bit')}_labelIds.png",
        values=label_ids(labels),
        palette=None,
    )


def voc2012(labels: LabelSet) -> Form:
    """The tree of the development kit, palette images; `comp6` is segmentation with training data of any kind."""
    return Form(
        path=lambda stem: f"results/VOC2012/Segmentation/comp6_test_cls/{stem}.png",
        values=np.arange(len(labels.classes), dtype=np.uint8),
        palette=voc_palette(),
    )


def voc_palette() -> bytes:
    """The color map of PASCAL VOC (`VOCcolormap` of the development kit), 256 colors of 3 bytes.

    The bits of a value are dealt out in turn to red, green and blue, from each channel's highest bit down.
    """
    values = np.arange(256)
    channels = [sum(((values >> (3 * bit + c)) & 1) << (7 - bit) for bit in range(3)) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.uint8).tobytes()


FORMS: dict[str, Callable[[LabelSet], Form]] = {"cityscapes": cityscapes, "voc2012": voc2012}

"""A network in ONNX's form, and how far that form's outputs are from its own.

Importing this needs the optional packages `onnx` and `onnxruntime`.
"""

import io
import json
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from mmseg.models.segmentors import BaseSegmentor
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from segrepro.errors import SegReproError

INPUT, OUTPUT = "image", "logits"


class LogitsOfImage(nn.Module):
    """A network as a function of one image, without a data preprocessor in front and a choice of classes behind.

    Args:
        network: put into evaluation mode.
        width: of the input, in pixels.
        height: of the input, in pixels.

    Shapes:
        (1, 3, height, width), normalised -> (1, C, height, width), logits.
    """

    def __init__(self, network: BaseSegmentor, width: int, height: int) -> None:
        super().__init__()
        self.network = network.eval()
        self.size = (height, width)

    def forward(self, image: Tensor) -> Tensor:
        """Applies the network; shapes as in the class docstring."""
        meta = {"img_shape": self.size, "pad_shape": self.size, "ori_shape": self.size}
        return self.network.encode_decode(image, [meta])


def normalisation(network: BaseSegmentor) -> dict[str, Any]:
    """What a network's data preprocessor does to the pixels of an image as OpenCV reads it, 0 to 255.

    Returns:
        `channel_order`, RGB or BGR; `mean` and `std`, three values each in this order: (pixel - mean) / std is what the
        network sees.
    """
    preprocessor = network.data_preprocessor
    known = preprocessor._enable_normalize
    return {
        "channel_order": "RGB" if preprocessor._channel_conversion else "BGR",
        "mean": preprocessor.mean.flatten().tolist() if known else [0.0] * 3,
        "std": preprocessor.std.flatten().tolist() if known else [1.0] * 3,
    }


def require_size(network: BaseSegmentor, width: int, height: int) -> None:
    """Refuses a size that the network cannot take as it is.

    Raises:
        SegReproError: the network's data preprocessor pads images of this size, or the network cannot take them.
    """
    padded = _preprocessed(network, torch.zeros(3, height, width, dtype=torch.uint8)).shape[2:]
    if tuple(padded) != (height, width):
        raise SegReproError(
            f"--width and --height: found {width} and {height}; expected sides that the config's data_preprocessor does"
            f" not pad, because the ONNX file holds the network alone. The next size is {padded[1]}x{padded[0]}"
        )
    try:
        with torch.no_grad():
            LogitsOfImage(network, width, height)(torch.zeros(1, 3, height, width))
    except (RuntimeError, ValueError) as error:
        raise SegReproError(
            f"--width and --height: found {width} and {height}; expected a size that the network can take"
            f" ({str(error).splitlines()[0]}). Choose a larger one"
        ) from None


def to_onnx(network: BaseSegmentor, width: int, height: int, metadata: Mapping[str, Any]) -> bytes:
    """Exports a network for images of one size.

    Args:
        network: on the CPU; put into evaluation mode.
        width: of the input, in pixels.
        height: of the input, in pixels.
        metadata: written into the file, each value as JSON.

    Returns:
        Content of an ONNX file: `image`, float32 (1, 3, height, width), normalised, to `logits`, float32
        (1, C, height, width).
    """
    written = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        # Sizes become constants, as they shall; and the exporter without a further package is the older one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            LogitsOfImage(network, width, height),
            (torch.zeros(1, 3, height, width),),
            written,  # type: ignore[arg-type]  # the older exporter takes a stream, too
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamo=False,
        )
    model = onnx.load_from_string(written.getvalue())
    onnx.helper.set_model_props(model, {name: json.dumps(value) for name, value in metadata.items()})
    return bytes(model.SerializeToString())


def difference(network: BaseSegmentor, exported: bytes, width: int, height: int) -> tuple[float, float]:
    """Compares an export's logits with the network's on an image of noise.

    Args:
        network: on the CPU; put into evaluation mode.
        exported: of this network, as `to_onnx` gives it.
        width: of the input, in pixels.
        height: of the input, in pixels.

    Returns:
        The largest difference of a logit, and the largest logit, both without sign.
    """
    pixels = torch.randint(0, 256, (3, height, width), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    image = _preprocessed(network, pixels)
    with torch.no_grad():
        expected = LogitsOfImage(network, width, height)(image).numpy()
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {INPUT: image.numpy()})
    return float(np.abs(found - expected).max()), float(np.abs(expected).max())


def _preprocessed(network: BaseSegmentor, pixels: Tensor) -> Tensor:
    data = {"inputs": [pixels], "data_samples": [SegDataSample()]}
    return network.data_preprocessor(data, False)["inputs"]

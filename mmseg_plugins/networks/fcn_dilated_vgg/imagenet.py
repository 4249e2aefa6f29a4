"""Initial weights: torchvision's VGG, trained on ImageNet, as convolutions for images in Caffe's format."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torchvision.models import VGG16_Weights

from mmseg_plugins.networks.state_dict_mismatch import mismatch
from segrepro.errors import SegReproError

CAFFE_MEAN = (122.67891434, 116.66876762, 104.00698793)
"""Mean that is subtracted from the network's images, RGB, 0 to 255; the configs' preprocessor subtracts it in BGR."""

_FULLY_CONNECTED = {"fc6.0": "classifier.0", "fc7.0": "classifier.3"}
_CLASSIFIER_OF_IMAGENET = "classifier.6."


def from_imagenet(imagenet: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turns torchvision's VGG into the weights that a training of this family starts from.

    `fc6` and `fc7` are filled as the authors fill them: with the flattened values from the first on, until the layer is
    full. For `fc7` and for the 7x7 `fc6` of FCN-8s that is the exact conversion. The 3x3 `fc6` of dilated FCN-2s gets
    fragments of VGG's first 753 filters, whose channels and positions do not correspond.

    The authors took Caffe's VGG, whose input is BGR, 0 to 255, minus a mean. The input of torchvision's is RGB, 0 to 1,
    normalised by mean and deviation; weights and bias of `conv1_1` are changed to compensate. The outputs are then
    equal to torchvision's except at the border of the image, which each network pads with its own mean: the two means
    differ by up to 1 of 255.

    Args:
        imagenet: state dict of torchvision's `vgg16` or `vgg19`.
        ours: state dict of a `FullyConvolutionalVGG` of the same depth; only names and shapes count.

    Returns:
        Every entry of `ours`.

    Raises:
        SegReproError: `imagenet` is not the state dict of a VGG of this depth.
    """
    names = _torchvision_names(ours)
    expected = {theirs: ours[name] for name, theirs in names.items()}
    for layer, inputs in (("classifier.0", 512 * 7 * 7), ("classifier.3", 4096)):
        expected[f"{layer}.weight"] = torch.empty(4096, inputs, device="meta")
    found = {name: value for name, value in imagenet.items() if not name.startswith(_CLASSIFIER_OF_IMAGENET)}
    if problems := mismatch(found, expected):
        raise SegReproError(
            f"ImageNet weights of FullyConvolutionalVGG: found a state dict that does not fit ({problems}); expected "
            "that of torchvision's VGG of the same depth, without batch norm. Correct weights or depth in the config"
        )
    filled = {name: flat_copy(imagenet[theirs], ours[name].shape) for name, theirs in names.items()}
    return filled | _for_caffe_images(filled, "stages.0.0")


def flat_copy(source: Tensor, shape: torch.Size) -> Tensor:
    """The first values of the flattened `source` in another shape: how the authors copy a layer into another."""
    return source.flatten()[: shape.numel()].reshape(shape)


def _torchvision_names(ours: Mapping[str, Tensor]) -> dict[str, str]:
    convolutions = dict.fromkeys(name.rpartition(".")[0] for name in ours if name.startswith("stages."))
    # torchvision numbers throughout: each convolution is followed by its activation, each stage by its pooling.
    layers = _FULLY_CONNECTED | {
        layer: f"features.{2 * number + int(layer.split('.')[1])}" for number, layer in enumerate(convolutions)
    }
    return {name: f"{layers[layer]}.{kind}" for name in ours for layer, _, kind in [name.rpartition(".")]}


def _for_caffe_images(state: Mapping[str, Tensor], layer: str) -> dict[str, Tensor]:
    """Weights and bias of a layer on normalised RGB images, rewritten for BGR, 0 to 255, minus Caffe's mean."""
    normalisation = VGG16_Weights.IMAGENET1K_V1.transforms()
    mean, deviation = (255 * torch.tensor(values) for values in (normalisation.mean, normalisation.std))
    weight = state[f"{layer}.weight"] / deviation[:, None, None]
    shift = torch.tensor(CAFFE_MEAN) - mean
    bias = state[f"{layer}.bias"] + torch.einsum("oihw,i->o", weight, shift)
    return {f"{layer}.weight": weight.flip(1), f"{layer}.bias": bias}

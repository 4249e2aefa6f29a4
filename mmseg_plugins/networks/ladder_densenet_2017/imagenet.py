"""ImageNet weights of torchvision's DenseNet and ResNet-50 as the start of the ladder networks."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torchvision.models import get_weight

from mmseg_plugins.networks.imagenet.same_names import same_names

_RESNET_STEM = "conv1.weight"


def from_imagenet(imagenet: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Picks the backbone's weights, and fits ResNet's first convolution to its input.

    The authors start DenseNet from the Lua-Torch weights, which torchvision's are of the same design as. Ladder
    ResNet-50 starts from Caffe's ResNet-50, which takes BGR in 0..255 without division by the deviation, and strides on
    the first 1x1 convolution. torchvision has no such weights: its own take RGB, so the input channels are exchanged
    and scaled here, and they stride on the 3x3 convolution, which nothing can make up for.

    Args:
        imagenet: state dict of torchvision's DenseNet of the same depth, or ResNet-50.
        ours: state dict of a `SplitDenseNet2017` or `LadderResNet2017`.

    Returns:
        A value for every entry of `ours`.

    Raises:
        SegReproError: an entry is missing or has another shape.
    """
    filled = same_names(imagenet, ours)
    if _RESNET_STEM in filled:
        deviations = torch.tensor(get_weight("ResNet50_Weights.IMAGENET1K_V1").transforms().std).view(1, 3, 1, 1)
        filled[_RESNET_STEM] = (filled[_RESNET_STEM] / (255 * deviations)).flip(1)
    return filled

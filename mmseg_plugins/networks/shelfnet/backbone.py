"""The backbones: torchvision's ResNets as feature extractors, for ShelfNet-lw with ABN and leaky ReLU."""

from typing import Any, Literal

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from mmseg_plugins.networks.require_known import require_known

from .layers import ABN, SLOPE

BOTTLENECKS = {50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}
"""Of each stage of ShelfNet, by depth."""
BASIC_BLOCKS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3]}
"""Of each stage of the lightweight ShelfNet, by depth."""
"""Blocks in each stage, by depth."""


@MODELS.register_module()
class ShelfNetResNet(ResNet, BaseModule):
    """ResNet-50 or 101 without dilation.

    ImageNet's classifier stays, though nothing calls it: the authors' files and parameter counts include it.

    Args:
        depth: 50 or 101.
        init_cfg: MMEngine's initialisation; None keeps torchvision's.
    """

    def __init__(self, depth: Literal[50, 101], init_cfg: dict[str, Any] | None = None) -> None:
        require_known("ShelfNetResNet", "depth", depth, BOTTLENECKS)
        super().__init__(Bottleneck, BOTTLENECKS[depth])
        self.init_cfg = init_cfg

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps with 256, 512, 1024 and 2048 channels at 1/4, 1/8, 1/16 and 1/32 of the size of (N, 3, H, W), RGB."""
        return _features(self, image)


@MODELS.register_module()
class ShelfNetLWResNet(ResNet, BaseModule):
    """ResNet-18 or 34 with ABN for batch norm.

    A leaky ReLU follows the stem and each block's first convolution, a plain one each sum.

    Args:
        depth: 18 or 34.
        init_cfg: MMEngine's initialisation; None keeps torchvision's. ImageNet's weights fit without their classifier.
    """

    def __init__(self, depth: Literal[18, 34], init_cfg: dict[str, Any] | None = None) -> None:
        require_known("ShelfNetLWResNet", "depth", depth, BASIC_BLOCKS)
        super().__init__(_ABNBlock, BASIC_BLOCKS[depth], norm_layer=ABN)
        self.init_cfg = init_cfg
        self.relu = nn.LeakyReLU(SLOPE)
        del self.fc

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Maps with 128, 256 and 512 channels at 1/8, 1/16 and 1/32 of the size of (N, 3, H, W), RGB."""
        return _features(self, image)[1:]


class _ABNBlock(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        residual = self.bn2(self.conv2(leaky_relu(self.bn1(self.conv1(x)), SLOPE)))
        return relu(residual + (x if self.downsample is None else self.downsample(x)))


def _features(resnet: ResNet, image: Tensor) -> tuple[Tensor, ...]:
    x = resnet.maxpool(resnet.relu(resnet.bn1(resnet.conv1(image))))
    maps = []
    for stage in (resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4):
        x = stage(x)
        maps.append(x)
    return tuple(maps)

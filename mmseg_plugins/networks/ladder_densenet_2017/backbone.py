"""Downsampling paths: DenseNet whose last blocks are split by a pool, and ResNet-50 (paper, figure 1 and section 4)."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmseg.models.backbones import ResNet
from mmseg.registry import MODELS
from torch import Tensor, nn
from torchvision.models import DenseNet

from mmseg_plugins.networks.require_known import require_known

from .layers import average_pool, stem_conv, stem_pool

BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32)}
"""Dense layers per block, by depth."""


@MODELS.register_module()
class SplitDenseNet2017(BaseModule):
    """DenseNet with a 2x2 stem pool, without final norm, some blocks of which are halved in resolution half-way.

    Args:
        depth: 121 or 169.
        split_blocks: numbers of the dense blocks (from 1) that are split.
        first_norm: whether the first dense layer keeps its own batch norm, although the stem's has just been applied.
        dilated: whether transitions 2 and 3 keep the resolution, so that blocks 3 and 4 are dilated by 2 and 4.
        init_cfg: MMEngine's initialisation; None keeps torchvision's.
    """

    def __init__(
        self,
        depth: int = 121,
        split_blocks: Sequence[int] = (4,),
        first_norm: bool = False,
        dilated: bool = False,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        require_known("SplitDenseNet2017", "depth", depth, BLOCKS)
        super().__init__(init_cfg)
        self.split_blocks = split_blocks
        self.features = DenseNet(block_config=BLOCKS[depth]).features
        self.features.conv0 = stem_conv()
        self.features.pool0 = stem_pool()
        for transition in (self.features.transition1, self.features.transition2, self.features.transition3):
            transition.pool = average_pool()
        del self.features.norm5
        self.split_pool = average_pool()
        if not first_norm:
            self.features.denseblock1.denselayer1.norm1 = nn.Identity()
        if dilated:
            self.features.transition2.pool = DilatedMean(1)
            self.features.transition3.pool = DilatedMean(2)
            _dilate(self.features.denseblock3, 2)
            _dilate(self.features.denseblock4, 4)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Extracts features.

        Args:
            image: float, (N, 3, H, W), RGB, normalised; any size.

        Returns:
            The output of every dense block in order, a split one as both halves; no norm or ReLU after the
            concatenation. DenseNet-121 with block 4 split: (N, 256, H/4, W/4), (N, 512, H/8, W/8),
            (N, 1024, H/16, W/16), (N, 768, H/32, W/32), (N, 1024, H/64, W/64), sizes rounded up.
        """
        x = self.features.pool0(self.features.relu0(self.features.norm0(self.features.conv0(image))))
        maps = []
        for number in (1, 2, 3, 4):
            layers = list(self.features.get_submodule(f"denseblock{number}").children())
            if number in self.split_blocks:
                half = len(layers) // 2
                maps.append(_dense_block(layers[:half], x))
                x, layers = self.split_pool(maps[-1]), layers[half:]
            x = _dense_block(layers, x)
            maps.append(x)
            if number < 4:
                x = self.features.get_submodule(f"transition{number}")(x)
        return tuple(maps)


@MODELS.register_module()
class LadderResNet2017(ResNet):
    """ResNet-50 in the Caffe style (stride on the first 1x1 convolution) with the 2x2 stem pool.

    Returns the rectified output of the four groups: 256, 512, 1024 and 2048 channels at 1/4 to 1/32 of the resolution.

    Args:
        dilated: whether groups 3 and 4 keep 1/8 of the resolution, dilated by 2 and 4.
        init_cfg: MMEngine's initialisation; None is MMSegmentation's for ResNet.
    """

    def __init__(self, dilated: bool = False, init_cfg: dict[str, Any] | None = None) -> None:
        strides, dilations = ((1, 2, 1, 1), (1, 1, 2, 4)) if dilated else ((1, 2, 2, 2), (1, 1, 1, 1))
        super().__init__(50, strides=strides, dilations=dilations, style="caffe", init_cfg=init_cfg)
        self.conv1 = stem_conv()
        self.maxpool = stem_pool()


class DilatedMean(nn.Module):
    """2x2 average pool of stride 1 on a dilated grid: means with the pixels `dilation` below and to the right.

    The last rows and columns, which have none, are averaged among themselves. Shape (N, C, H, W) in and out.
    """

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        """Applies the pool; shapes as in the class docstring."""
        for axis in (-2, -1):
            start = min(self.dilation, x.shape[axis])
            rest = x.shape[axis] - start
            neighbour = torch.cat([x.narrow(axis, start, rest), x.narrow(axis, rest, start)], axis)
            x = (x + neighbour) / 2
        return x


def _dense_block(layers: Sequence[nn.Module], x: Tensor) -> Tensor:
    maps = [x]
    for layer in layers:
        maps.append(layer(maps))
    return torch.cat(maps, 1)


def _dilate(block: nn.Module, dilation: int) -> None:
    for module in block.modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            module.dilation = module.padding = (dilation, dilation)

"""Context at the coarsest resolution (paper, section 4); each neck replaces the backbone's last map by its output."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from .layers import ConvNormReLU, NormReLUConv, average_pool, resize


class _LastMapNeck(BaseModule):
    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Passes all maps on but the last, which goes through the context."""
        *skips, deepest = maps
        return *skips, self.context_of(deepest)


@MODELS.register_module()
class LadderContext2017(_LastMapNeck):
    """1x1 convolution to 512 channels, dilated 3x3 convolution to 128; neither norm nor ReLU after it.

    Args:
        in_channels: channels of the backbone's last map.
        dilation: of the 3x3 convolution.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
    """

    def __init__(self, in_channels: int, dilation: int = 2, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        self.bottleneck = NormReLUConv(in_channels, 512, kernel_size=1)
        self.context = NormReLUConv(512, 128, kernel_size=3, dilation=dilation)

    def context_of(self, deepest: Tensor) -> Tensor:
        """(N, in_channels, h, w) to (N, 128, h, w)."""
        return self.context(self.bottleneck(deepest))


@MODELS.register_module()
class LadderResNetContext2017(_LastMapNeck):
    """The same for ResNet-50, with 256 outputs and norm and ReLU after each convolution."""

    def __init__(self, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        self.bottleneck = ConvNormReLU(2048, 512, kernel_size=1)
        self.context = ConvNormReLU(512, 256, kernel_size=3, dilation=2)

    def context_of(self, deepest: Tensor) -> Tensor:
        """(N, 2048, h, w) to (N, 256, h, w)."""
        return self.context(self.bottleneck(deepest))


@MODELS.register_module()
class LadderPyramid2017(_LastMapNeck):
    """Spatial pyramid of table 1: pools of 2x2 in cascade, not the bins of PSPNet; 256 outputs.

    Args:
        in_channels: channels of the backbone's last map.
        levels: how often the map is halved.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
    """

    WIDTH = 256

    def __init__(self, in_channels: int, levels: int, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        level_width = round(self.WIDTH / levels)
        self.bottleneck = NormReLUConv(in_channels, self.WIDTH, kernel_size=1)
        self.pool = average_pool()
        self.levels = nn.ModuleList(NormReLUConv(self.WIDTH, level_width, kernel_size=1) for _ in range(levels))
        self.blend = NormReLUConv(self.WIDTH + levels * level_width, self.WIDTH, kernel_size=3)
        self.dropout = nn.Dropout(0.1)

    def context_of(self, deepest: Tensor) -> Tensor:
        """(N, in_channels, h, w) to (N, 256, h, w)."""
        pooled = self.bottleneck(deepest)
        maps = [pooled]
        for level in self.levels:
            pooled = self.pool(pooled)
            maps.append(resize(level(pooled), maps[0].shape[-2:]))
        return self.dropout(self.blend(torch.cat(maps, dim=1)))

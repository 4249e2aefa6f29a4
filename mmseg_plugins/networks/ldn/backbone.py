"""The encoder of Ladder DenseNet: a DenseNet whose third block is split (paper, section 3)."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d
from torchvision.models import get_model

from mmseg_plugins.networks.require_known import require_known

from .checkpointing import checkpointed
from .layers import BN_MOMENTUM

FEATURES = {
    121: (256, 512, 640, 1024, 1024),
    161: (384, 768, 1248, 2112, 2208),
    169: (256, 512, 768, 1280, 1664),
    201: (256, 512, 1024, 1792, 1920),
}
"""Depth of the DenseNet to the channels of the maps that the encoder returns."""


@MODELS.register_module()
class LDNEncoder(BaseModule):
    """torchvision's DenseNet with a smaller stem pooling, one more halving inside block 3, and no final batch norm.

    Args:
        depth: of the DenseNet, a key of `FEATURES`.
        checkpointing: whether dense layers and transitions are computed again in the backward pass, which saves memory.
        init_cfg: MMEngine's initialisation; None keeps torchvision's, which is the authors' without ImageNet weights.
    """

    def __init__(self, depth: int = 121, checkpointing: bool = False, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        require_known("LDNEncoder", "depth", depth, FEATURES)
        self.checkpointing = checkpointing
        self.features = get_model(f"densenet{depth}", weights=None).features
        # torchvision, and so the ImageNet weights, pool 3x3 with padding here.
        self.features.pool0 = nn.MaxPool2d(kernel_size=2)
        del self.features.norm5
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = BN_MOMENTUM

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Extracts features.

        Args:
            image: float, (N, 3, H, W), RGB, normalised; H and W at least 64.

        Returns:
            The maps after blocks 1 and 2, in the middle and at the end of block 3, and after block 4: (N, C, h, w) with
            C of `FEATURES` and (h, w) = (H, W) / 4, 8, 16, 32, 64, rounded down at every halving.
        """
        net = self.features
        stem = net.pool0(net.relu0(net.norm0(net.conv0(image))))
        a = self._dense_block(net.denseblock1.values(), stem)
        b = self._dense_block(net.denseblock2.values(), self._run(net.transition1, a))
        layers = list(net.denseblock3.values())
        half = len(layers) // 2
        c = self._dense_block(layers[:half], self._run(net.transition2, b))
        d = self._dense_block(layers[half:], avg_pool2d(c, kernel_size=2))
        e = self._dense_block(net.denseblock4.values(), self._run(net.transition3, d))
        return a, b, c, d, e

    def _dense_block(self, layers: Iterable[nn.Module], x: Tensor) -> Tensor:
        maps = [x]
        for layer in layers:
            maps.append(self._run(layer, tuple(maps)))
        return torch.cat(maps, dim=1)

    def _run(self, module: nn.Module, inputs: Tensor | Sequence[Tensor]) -> Tensor:
        return checkpointed(module, inputs) if self.checkpointing and self.training else module(inputs)

"""The encoder of ESPNet, which is ESPNet-C without its classifier (paper, figure 4)."""

from typing import Any

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from .layers import BNPReLU, ConvBNPReLU, ESPModule

FEATURES = {"level1": 16, "b1": 19, "b2": 131, "b3": 256}
"""The feature maps that the encoder returns, in this order, with their channels."""


@MODELS.register_module()
class ESPNetEncoder(BaseModule):
    """Three levels of ESP modules with the pooled image concatenated at 1/2 and 1/4 of the resolution.

    Args:
        p: number of ESP modules at 1/4 of the resolution, after the down-sampler.
        q: number of ESP modules at 1/8 of the resolution, after the down-sampler.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's, as the authors do.
    """

    def __init__(self, p: int = 2, q: int = 8, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        self.level1 = ConvBNPReLU(3, 16, stride=2)
        self.b1 = BNPReLU(FEATURES["b1"])
        self.level2_0 = ESPModule(FEATURES["b1"], 64, stride=2)
        self.level2 = nn.Sequential(*(ESPModule(64, 64, residual=True) for _ in range(p)))
        self.b2 = BNPReLU(FEATURES["b2"])
        self.level3_0 = ESPModule(FEATURES["b2"], 128, stride=2)
        self.level3 = nn.Sequential(*(ESPModule(128, 128, residual=True) for _ in range(q)))
        self.b3 = BNPReLU(FEATURES["b3"])

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Extracts features.

        Args:
            image: float, (N, 3, H, W), BGR, normalised and divided by 255; H and W multiples of 8.

        Returns:
            Maps of `FEATURES`: (N, 16, H/2, W/2), (N, 19, H/2, W/2), (N, 131, H/4, W/4), (N, 256, H/8, W/8).
        """
        half = _downsampled(image)
        quarter = _downsampled(half)
        level1 = self.level1(image)
        b1 = self.b1(torch.cat([level1, half], dim=1))
        down2 = self.level2_0(b1)
        # The authors put the down-sampler's map last here and first at the next level; their weights depend on it.
        b2 = self.b2(torch.cat([self.level2(down2), down2, quarter], dim=1))
        down3 = self.level3_0(b2)
        b3 = self.b3(torch.cat([down3, self.level3(down3)], dim=1))
        return level1, b1, b2, b3


def _downsampled(x: Tensor) -> Tensor:
    return avg_pool2d(x, kernel_size=3, stride=2, padding=1, count_include_pad=True)

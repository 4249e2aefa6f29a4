"""Building blocks of ESPNet (paper, section 3). No convolution has a bias; batch norm uses eps 1e-3."""

from itertools import accumulate

import torch
from torch import Tensor, nn

DILATIONS = (1, 2, 4, 8, 16)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm with the authors' eps."""
    return nn.BatchNorm2d(channels, eps=1e-3)


class BNPReLU(nn.Sequential):
    """Batch norm, then PReLU with one slope per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bn = batch_norm(channels)
        self.act = nn.PReLU(channels)


class ConvBNPReLU(nn.Sequential):
    """3x3 convolution, batch norm, PReLU.

    mmcv's `ConvModule` is not used because it re-initialises its layers; the authors keep PyTorch's initialisation.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn = batch_norm(out_channels)
        self.act = nn.PReLU(out_channels)


class ESPModule(nn.Module):
    """Efficient spatial pyramid: reduce, split, transform, merge by hierarchical feature fusion.

    One reduced map goes through five parallel 3x3 convolutions of dilation 1, 2, 4, 8 and 16. The last four are
    summed cumulatively before concatenation, which removes the gridding of large dilations; the first is
    not summed. It gets the channels that remain from the division by five.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, at least five.
        stride: 1 reduces by a 1x1 convolution, 2 by a 3x3 convolution that halves the resolution.
        residual: whether the input is added before the final batch norm and PReLU.

    Shapes:
        (N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride)).
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1, residual: bool = False) -> None:
        super().__init__()
        width = out_channels // len(DILATIONS)
        first_width = out_channels - width * (len(DILATIONS) - 1)
        kernel = 1 if stride == 1 else 3
        self.residual = residual
        self.reduce = nn.Conv2d(in_channels, width, kernel, stride, padding=kernel // 2, bias=False)
        self.branches = nn.ModuleDict(
            {
                f"d{d}": nn.Conv2d(width, first_width if d == 1 else width, 3, padding=d, dilation=d, bias=False)
                for d in DILATIONS
            }
        )
        self.norm_act = BNPReLU(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Applies the module; shapes as in the class docstring."""
        reduced = self.reduce(x)
        first, *others = (branch(reduced) for branch in self.branches.values())
        merged = torch.cat([first, *accumulate(others)], dim=1)
        return self.norm_act(merged + x if self.residual else merged)

"""Building blocks of the ladder networks, with the padding and resizing of TensorFlow 1."""

import math
from collections.abc import Sequence

from mmcv.cnn.bricks import Conv2dAdaptivePadding
from mmengine.model import xavier_init
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad


class NormReLUConv(nn.Sequential):
    """Batch norm, ReLU, convolution without bias that keeps the resolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, dilation: int = 1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.act = nn.ReLU(inplace=True)
        self.conv = _bias_free_conv(in_channels, out_channels, kernel_size, dilation)


class ConvNormReLU(nn.Sequential):
    """Convolution without bias that keeps the resolution, batch norm, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv = _bias_free_conv(in_channels, out_channels, kernel_size, dilation)
        self.norm = nn.BatchNorm2d(out_channels)
        self.act = nn.ReLU(inplace=True)


class ConvReLU(nn.Sequential):
    """Convolution with bias that keeps the resolution, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
        xavier_init(self.conv, distribution="uniform")  # the authors' where no batch norm is around
        self.act = nn.ReLU(inplace=True)


def stem_conv() -> nn.Conv2d:
    """7x7 convolution of stride 2 on the image: even sizes are padded by 2 before and 3 after, odd ones by 3 and 3."""
    conv: nn.Conv2d = Conv2dAdaptivePadding(3, 64, kernel_size=7, stride=2, bias=False)
    nn.init.kaiming_normal_(conv.weight)  # as in the backbones that it becomes part of
    return conv


def stem_pool() -> nn.MaxPool2d:
    """2x2 max-pool of stride 2; an odd last row or column is pooled alone."""
    return nn.MaxPool2d(2, ceil_mode=True)


def average_pool() -> nn.AvgPool2d:
    """2x2 average pool of stride 2; an odd last row or column is averaged alone."""
    return nn.AvgPool2d(2, ceil_mode=True)


def resize(x: Tensor, size: Sequence[int]) -> Tensor:
    """Bilinear resize whose output pixel `i` is at input coordinate `i * in / out`, with a repeated border.

    This is TensorFlow 1's default. Neither `align_corners` of PyTorch does it, but with one more row and column on
    both sides the corners of `align_corners=True` are the same grid.

    Args:
        x: (N, C, h, w).
        size: height and width of the output.
    """
    height, width = size
    extended = pad(x, (0, 1, 0, 1), mode="replicate")
    return interpolate(extended, (height + 1, width + 1), mode="bilinear", align_corners=True)[..., :height, :width]


def _bias_free_conv(in_channels: int, out_channels: int, kernel_size: int, dilation: int) -> nn.Conv2d:
    padding = dilation * (kernel_size // 2)
    conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding, dilation=dilation, bias=False)
    # TensorFlow 1's variance scaling: 1.3 about makes up for the truncation at two standard deviations.
    std = math.sqrt(1.3 * 2 / (in_channels * kernel_size**2))
    nn.init.trunc_normal_(conv.weight, std=std, a=-2 * std, b=2 * std)
    return conv

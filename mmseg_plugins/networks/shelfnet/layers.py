"""Building blocks of both ShelfNets, the lightweight network's norm and attention, and the two columns of the shelf.

The columns follow the backbone in both networks (paper, figure 1); each builds them from parts of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from mmengine.dist import get_world_size
from torch import Tensor, nn
from torch.nn.functional import batch_norm, interpolate, relu

from .synchronised_norm import synchronised_batch_norm

SLOPE = 0.01
"""Slope of the lightweight network's leaky ReLU."""


class ABN(nn.Module):
    """Batch norm whose scale is |weight| + 1e-5, as the authors' in-place library has it; no activation.

    Where several processes share a batch, the statistics are of all of it, as in that library.

    It is no `BatchNorm2d`, so that nothing takes it for one and exchanges it for a norm with a plain scale.
    """

    EPS = 1e-5
    """Added to the variance, and to the scale too."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalises (N, channels, H, W)."""
        scale = self.weight.abs() + self.EPS
        if self.training and get_world_size() > 1:
            return synchronised_batch_norm(x, self.running_mean, self.running_var, scale, self.bias, eps=self.EPS)
        return batch_norm(x, self.running_mean, self.running_var, scale, self.bias, self.training, eps=self.EPS)


class ConvABN(nn.Sequential):
    """Convolution that keeps the size, ABN, leaky ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.conv = unit_gain(nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False))
        self.bn = ABN(out_channels)
        self.act = nn.LeakyReLU(SLOPE)


class ShelfBlock(nn.Module):
    """Residual block that applies one convolution twice (paper, figure 2).

    Args:
        channels: of input and output.
        norm: makes the norm after the first pass; the second pass has an ordinary batch norm.
        activation: after that norm.
        dropout: probability that the first pass loses a channel.
    """

    def __init__(self, channels: int, norm: Callable[[int], nn.Module], activation: nn.Module, dropout: float) -> None:
        super().__init__()
        self.shared_conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = norm(channels)
        self.activation = activation
        self.dropout = nn.Dropout2d(dropout)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Keeps the shape."""
        first = self.dropout(self.activation(self.bn1(self.shared_conv(x))))
        return relu(self.bn2(self.shared_conv(first)) + x)


class AttentionUp(nn.Module):
    """Attention refinement, then twice the size: the lightweight network's step up.

    Shapes:
        (N, in_channels, H, W) -> (N, out_channels, 2 H, 2 W).
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = ConvABN(in_channels, out_channels, 3)
        self.conv_atten = unit_gain(nn.Conv2d(out_channels, out_channels, 1, bias=False))
        self.bn_atten = ABN(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Weighs each channel by the mean of all over the whole map; shapes as in the class docstring."""
        features = self.conv(x)
        weights = self.bn_atten(self.conv_atten(features.mean((2, 3), keepdim=True))).sigmoid()
        return interpolate(features * weights, scale_factor=2, mode="nearest")


def unit_gain(conv: nn.Conv2d) -> nn.Conv2d:
    """Initialises as the authors do wherever an ABN or the logits follow: normal, variance 1 / fan-in."""
    nn.init.kaiming_normal_(conv.weight, a=1)
    return conv


@dataclass(frozen=True)
class Parts:
    """How a ShelfNet makes the parts of its columns."""

    block: Callable[[int], nn.Module]
    """Makes a block from its number of channels."""
    up: Callable[[int, int], nn.Module]
    """Channels in and out to the layers that double the size."""
    fuse: Callable[[int], nn.Module]
    """Channels to what follows the sum of a doubled map and its lateral."""


class Decoder(nn.Module):
    """Column that climbs from the coarsest map to the finest.

    Args:
        widths: channels of the maps, finest first; each is twice the one before.
        parts: of the network.
    """

    def __init__(self, widths: Sequence[int], parts: Parts) -> None:
        super().__init__()
        # The authors build this block and never call it; their files, parameter counts and weight decay include it.
        self.unused = parts.block(widths[0])
        self.bottom = parts.block(widths[-1])
        self.up, self.fuse = _steps_up(widths, parts)

    def forward(self, laterals: Sequence[Tensor]) -> list[Tensor]:
        """Maps of the same shapes as the laterals, finest first."""
        return _climb(self.bottom(laterals[-1]), laterals[:-1], self.up, self.fuse)


class Ladder(nn.Module):
    """Column that goes down along the decoder's maps, and up again along its own.

    Args:
        widths: channels of the maps, finest first; each is twice the one before.
        parts: of the network.
    """

    def __init__(self, widths: Sequence[int], parts: Parts) -> None:
        super().__init__()
        self.first = parts.block(widths[0])
        self.down_blocks = nn.ModuleList(parts.block(width) for width in widths[:-1])
        self.down_convs = nn.ModuleList(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1) for width in widths[:-1])
        self.bottom = parts.block(widths[-1])
        self.up, self.fuse = _steps_up(widths, parts)

    def forward(self, decoded: Sequence[Tensor]) -> list[Tensor]:
        """Maps of the same shapes as the decoder's, finest first."""
        x = self.first(decoded[0])
        laterals = []
        # The decoder's coarsest map has no place in the sum: the authors stop one level above it.
        for block, conv, lateral in zip(self.down_blocks, self.down_convs, decoded[:-1], strict=True):
            laterals.append(block(x + lateral))
            x = relu(conv(laterals[-1]))
        return _climb(self.bottom(x), laterals, self.up, self.fuse)


def _steps_up(widths: Sequence[int], parts: Parts) -> tuple[nn.ModuleList, nn.ModuleList]:
    above = widths[-2::-1]
    return nn.ModuleList(parts.up(2 * width, width) for width in above), nn.ModuleList(map(parts.fuse, above))


def _climb(x: Tensor, laterals: Sequence[Tensor], ups: nn.ModuleList, fuses: nn.ModuleList) -> list[Tensor]:
    maps = [x]
    for up, fuse, lateral in zip(ups, fuses, reversed(laterals), strict=True):
        maps.insert(0, fuse(up(maps[0]) + lateral))
    return maps

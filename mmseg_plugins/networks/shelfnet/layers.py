"""Building blocks of both ShelfNets: the shared-weights block, and the lightweight network's norm and attention."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm, interpolate, relu

SLOPE = 0.01
"""Slope of the lightweight network's leaky ReLU."""


class ABN(nn.Module):
    """Batch norm whose scale is |weight| + 1e-5, as the authors' in-place library has it; no activation.

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

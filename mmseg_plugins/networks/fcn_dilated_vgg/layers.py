"""Building blocks of the decoders: bilinear transposed convolution, channel scale, fusion with a cropped skip."""

import torch
from mmengine.model import constant_init
from torch import Tensor, nn


def bilinear_upsampling(channels: int, factor: int, *, learnt: bool) -> nn.ConvTranspose2d:
    """Transposed convolution that starts as bilinear interpolation, each channel from itself alone.

    Without padding it is one pixel larger on each side, for `factor` 2, than the enlarged input; the crops undo that.

    Args:
        channels: of input and output.
        factor: the stride, even; the kernel is twice as large.
        learnt: whether training may change the weights.

    Shapes:
        (N, channels, H, W) -> (N, channels, factor * (H + 1), factor * (W + 1)).
    """
    up = nn.ConvTranspose2d(channels, channels, kernel_size=2 * factor, stride=factor, bias=False)
    centre = factor - 0.5
    line = 1 - (torch.arange(2 * factor) - centre).abs() / factor
    up.weight.data = torch.eye(channels)[:, :, None, None] * torch.outer(line, line)
    return up.requires_grad_(learnt)


def zero_convolution(in_channels: int, out_channels: int) -> nn.Conv2d:
    """1x1 convolution that starts at zero, as Caffe's does where no filler is given."""
    convolution = nn.Conv2d(in_channels, out_channels, kernel_size=1)
    constant_init(convolution, 0)
    return convolution


def crop(x: Tensor, start: int, like: Tensor) -> Tensor:
    """Cuts the height and width of `like` out of `x`, from `start` on both axes."""
    height, width = like.shape[-2:]
    return x[..., start : start + height, start : start + width]


class ChannelScale(nn.Module):
    """Multiplication by one fixed factor per channel, all the same at the start; a weight of the authors' files."""

    def __init__(self, channels: int, factor: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), factor), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) to the same shape."""
        return x * self.weight[:, None, None]


class Fusion(nn.Module):
    """Doubles the scores so far and adds the scores of a pooled map, cropped to them.

    Args:
        num_classes: channels of the scores.
        skip_channels: channels of the pooled map.
        start: first row and column of the crop.
        scale: fixed factor of the pooled map; None for none.
        learnt: whether the upsampling is.

    Shapes:
        (N, num_classes, H, W) and (N, skip_channels, >= start + 2H + 2, ...) -> (N, num_classes, 2H + 2, 2W + 2).
    """

    def __init__(self, num_classes: int, skip_channels: int, start: int, *, scale: float | None, learnt: bool) -> None:
        super().__init__()
        self.start = start
        self.up = bilinear_upsampling(num_classes, 2, learnt=learnt)
        self.scale = nn.Identity() if scale is None else ChannelScale(skip_channels, scale)
        self.score = zero_convolution(skip_channels, num_classes)

    def forward(self, scores: Tensor, skip: Tensor) -> Tensor:
        """Applies the module; shapes as in the class docstring."""
        scores = self.up(scores)
        # The authors crop after the convolution; cropping before it would spare work that their counts include.
        return scores + crop(self.score(self.scale(skip)), self.start, like=scores)

"""Building blocks of Ladder DenseNet's decoder (paper, section 3): every convolution follows batch norm and ReLU."""

import torch
from mmengine.model import xavier_init
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

BN_MOMENTUM = 0.05
GRID_ROWS = (8, 4, 2, 1)
WIDTH = 128
"""Channels that the decoder reduces to before its 3x3 convolutions, and of its output."""


class BNReLUConv(nn.Sequential):
    """Batch norm, ReLU, convolution without bias that keeps the size; He's initialisation."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels, momentum=BN_MOMENTUM)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False)
        nn.init.kaiming_normal_(self.conv.weight)


class Classifier(nn.Sequential):
    """Batch norm, ReLU, 1x1 convolution with bias; Glorot's initialisation."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels, momentum=BN_MOMENTUM)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, num_classes, kernel_size=1)
        xavier_init(self.conv)


class SpatialPyramid(nn.Module):
    """Spatial pyramid pooling on grids that have the aspect of the image.

    The input is reduced; to it are concatenated its means over the cells of each grid, projected and enlarged again.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the reduced input and of the output.

    Shapes:
        (N, in_channels, H, W) -> (N, out_channels, H, W).
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        width = out_channels // len(GRID_ROWS)
        self.reduce = BNReLUConv(in_channels, out_channels)
        self.levels = nn.ModuleList(BNReLUConv(out_channels, width) for _ in GRID_ROWS)
        self.fuse = BNReLUConv(out_channels + width * len(GRID_ROWS), out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Applies the module; shapes as in the class docstring."""
        x = self.reduce(x)
        height, width = map(int, x.shape[2:])  # a traced size is a tensor, and the grids of a traced network are fixed
        maps = [x]
        for rows, level in zip(GRID_ROWS, self.levels, strict=True):
            # Python's round takes ties to even, and the authors' figures depend on it. A grid may be finer than x.
            grid = (rows, max(1, round(rows * width / height)))
            maps.append(resized_like(level(cell_means(x, grid)), x))
        return self.fuse(torch.cat(maps, dim=1))


def cell_means(x: Tensor, grid: tuple[int, int]) -> Tensor:
    """Means over the cells of a grid, (N, C, H, W) to (N, C, rows, columns); cells may overlap and repeat."""
    if not torch.onnx.is_in_onnx_export():
        return adaptive_avg_pool2d(x, grid)
    # The exporter has a form for that only where a grid divides the map; this is the same, one axis after the other.
    for axis, cells in zip((2, 3), grid, strict=True):
        size = int(x.shape[axis])
        bounds = [(cell * size // cells, -(-(cell + 1) * size // cells)) for cell in range(cells)]
        means = [x.narrow(axis, start, stop - start).mean(axis, keepdim=True) for start, stop in bounds]
        x = torch.cat(means, axis)
    return x


class AuxiliaryClassifier(Classifier):
    """A classifier that only the training needs."""

    training_only = True


class LadderStage(nn.Module):
    """One step up the ladder: the map is enlarged to the skip, the skip is added, and a residual branch blends both.

    Args:
        in_channels: channels of the map.
        skip_channels: channels of the skip from the encoder.
        out_channels: channels of the output.
        num_classes: outputs of the auxiliary classifier of the map, None for no such classifier.

    Shapes:
        (N, in_channels, h, w) and (N, skip_channels, H, W) -> (N, out_channels, H, W).
    """

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int, num_classes: int | None) -> None:
        super().__init__()
        changes_width, wide = out_channels != in_channels, in_channels > WIDTH
        self.project_skip = BNReLUConv(skip_channels, in_channels)
        self.shortcut = BNReLUConv(in_channels, out_channels) if changes_width else nn.Identity()
        self.classify = None if num_classes is None else AuxiliaryClassifier(in_channels, num_classes)
        self.narrow = BNReLUConv(in_channels, WIDTH) if wide else nn.Identity()
        self.blend = BNReLUConv(WIDTH, out_channels, kernel=3)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Applies the stage without the auxiliary classifier; shapes as in the class docstring."""
        x = resized_like(x, skip)
        return self.blend(self.narrow(self.project_skip(skip) + x)) + self.shortcut(x)


def resized_like(x: Tensor, like: Tensor) -> Tensor:
    """Bilinear interpolation to the height and width of another map."""
    return interpolate(x, like.shape[2:], mode="bilinear", align_corners=False)

"""The two columns that follow the backbone in both ShelfNets (paper, figure 1), built from the parts of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import relu


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

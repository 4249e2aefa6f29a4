"""Laterals, decoder and ladder, as MMSegmentation's necks: the heads read the ladder's maps."""

from functools import partial
from typing import Any

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import relu

from .layers import ABN, SLOPE, AttentionUp, ConvABN, Decoder, Ladder, Parts, ShelfBlock


@MODELS.register_module()
class ShelfNetNeck(BaseModule):
    """Shelf of ShelfNet50 and 101: four levels, transposed convolutions.

    Args:
        init_cfg: MMEngine's initialisation; None keeps PyTorch's.
    """

    IN_CHANNELS = (256, 512, 1024, 2048)
    CHANNELS = (64, 128, 256, 512)

    def __init__(self, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        block = partial(ShelfBlock, norm=nn.BatchNorm2d, activation=nn.ReLU(), dropout=0.25)
        doubling = partial(nn.ConvTranspose2d, kernel_size=3, stride=2, padding=1, output_padding=1)
        parts = Parts(block, doubling, fuse=block)
        channels = zip(self.IN_CHANNELS, self.CHANNELS, strict=True)
        self.lateral_convs = nn.ModuleList(nn.Conv2d(before, after, 1, bias=False) for before, after in channels)
        self.lateral_norms = nn.ModuleList(map(nn.BatchNorm2d, self.CHANNELS))
        self.decoder = Decoder(self.CHANNELS, parts)
        self.ladder = Ladder(self.CHANNELS, parts)

    def forward(self, features: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Refines the backbone's maps.

        Args:
            features: of `ShelfNetResNet`; the image's sides must be multiples of 32.

        Returns:
            The ladder's maps, 64, 128, 256 and 512 channels at 1/4, 1/8, 1/16 and 1/32 of the image's size; then
            `features` again, because an auxiliary head reads one of them.
        """
        lateral = zip(self.lateral_convs, self.lateral_norms, features, strict=True)
        return *self.ladder(self.decoder([relu(norm(conv(x))) for conv, norm, x in lateral])), *features


@MODELS.register_module()
class ShelfNetLWNeck(BaseModule):
    """Shelf of ShelfNet18-lw and 34-lw: three levels, attention.

    Args:
        channels: of the finest map; a backbone's map that has as many as its level needs no lateral convolution.
        dropout: of the shelf's blocks; 0.1 in ShelfNet18-lw, 0 in ShelfNet34-lw.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
    """

    IN_CHANNELS = (128, 256, 512)

    def __init__(self, channels: int, dropout: float, init_cfg: dict[str, Any] | None = None) -> None:
        super().__init__(init_cfg)
        widths = (channels, 2 * channels, 4 * channels)
        block = partial(ShelfBlock, norm=ABN, activation=nn.LeakyReLU(SLOPE), dropout=dropout)
        parts = Parts(block, AttentionUp, fuse=lambda width: ConvABN(width, width, 3))
        self.decoder = Decoder(widths, parts)
        self.ladder = Ladder(widths, parts)
        self.laterals = nn.ModuleList(
            nn.Identity() if before == after else ConvABN(before, after, 1)
            for before, after in zip(self.IN_CHANNELS, widths, strict=True)
        )

    def forward(self, features: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Refines the backbone's maps.

        Args:
            features: of `ShelfNetLWResNet`; the image's sides must be multiples of 32.

        Returns:
            The ladder's maps, 1, 2 and 4 times `channels`, at 1/8, 1/16 and 1/32 of the image's size.
        """
        laterals = [lateral(x) for lateral, x in zip(self.laterals, features, strict=True)]
        return tuple(self.ladder(self.decoder(laterals)))

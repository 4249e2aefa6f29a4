"""Heads of both ShelfNets; each but the first of a network is an `auxiliary_head`, used in training only.

The main head of ShelfNet50 and 101 is one 1x1 convolution: MMSegmentation's `FCNHead` with `num_convs=0`.
"""

from typing import Any

import torch
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from mmseg.utils import SampleList
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, one_hot, relu

from .layers import ConvABN, unit_gain


@MODELS.register_module()
class ShelfNetLWHead(BaseDecodeHead):
    """Head of ShelfNet18-lw and 34-lw at any level: 3x3 convolution with ABN, 3x3 convolution to the logits.

    Args:
        in_channels: of the level.
        channels: between the convolutions.
        num_classes: number of outputs.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
        kwargs: losses and the other arguments of `BaseDecodeHead`.
    """

    conv_seg: nn.Module

    def __init__(
        self, in_channels: int, channels: int, num_classes: int, init_cfg: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(
            in_channels,
            channels,
            num_classes=num_classes,
            dropout_ratio=0,
            align_corners=True,
            init_cfg=init_cfg,
            **kwargs,
        )
        del self.conv_seg  # so that the paper's last layer is the last parameter too
        self.conv = ConvABN(in_channels, channels, 3)
        self.conv_seg = unit_gain(nn.Conv2d(channels, num_classes, 3, padding=1, bias=False))

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H, W) at the level's size."""
        return self.cls_seg(self.conv(self._transform_inputs(inputs)))


@MODELS.register_module()
class ShelfNetAuxHead(BaseDecodeHead):
    """Auxiliary classifier of ShelfNet50 and 101 on the backbone's map at 1/16.

    It is MMSegmentation's `FCNHead` with PyTorch's initialisation, and with the weights in the authors' order.

    Args:
        num_classes: number of outputs.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's.
        kwargs: losses and the other arguments of `BaseDecodeHead`.
    """

    conv_seg: nn.Module

    def __init__(self, num_classes: int, init_cfg: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(
            1024, 256, num_classes=num_classes, dropout_ratio=0.1, align_corners=True, init_cfg=init_cfg, **kwargs
        )
        classifier = self.conv_seg
        del self.conv_seg  # so that the paper's last layer is the last parameter too
        self.conv = nn.Conv2d(self.in_channels, self.channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(self.channels)
        self.conv_seg = classifier

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H/16, W/16)."""
        return self.cls_seg(relu(self.bn(self.conv(self._transform_inputs(inputs)))))


@MODELS.register_module()
class ShelfNetSEHead(BaseDecodeHead):
    """Says from the ladder's coarsest map which classes are in the image (ShelfNet50 and 101).

    Args:
        num_classes: number of outputs.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's.
        kwargs: losses, which must be binary, and the other arguments of `BaseDecodeHead`.
    """

    def __init__(self, num_classes: int, init_cfg: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(512, 512, num_classes=num_classes, dropout_ratio=0, init_cfg=init_cfg, **kwargs)
        self.conv_seg = nn.Linear(self.channels, num_classes)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes), one for each image and class."""
        return self.cls_seg(adaptive_max_pool2d(self._transform_inputs(inputs), 1).flatten(1))

    def loss_by_feat(self, seg_logits: Tensor, batch_data_samples: SampleList) -> dict[str, Tensor]:
        """Compares the logits with the classes among the image's labels."""
        labels = self._stack_batch_gt(batch_data_samples).flatten(1)
        presence = torch.stack([self._presence(label) for label in labels])
        return {self.loss_decode.loss_name: self.loss_decode(seg_logits, presence)}

    def _presence(self, labels: Tensor) -> Tensor:
        found = labels[labels != self.ignore_index].unique()
        return one_hot(found, self.num_classes).sum(0)

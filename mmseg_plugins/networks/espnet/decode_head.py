"""The light decoder of ESPNet and the classifier of ESPNet-C (paper, figure 4)."""

from typing import Any, Literal

import torch
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from mmseg.utils import SampleList
from torch import Tensor, nn

from mmseg_plugins.networks.require_known import require_known
from segrepro.errors import SegReproError

from .backbone import FEATURES
from .layers import DILATIONS, BNPReLU, ConvBNPReLU, ESPModule, batch_norm


@MODELS.register_module()
class ESPNetCHead(BaseDecodeHead):
    """Classifier of ESPNet-C: one 1x1 convolution on `b3`; logits at 1/8 of the resolution.

    Args:
        num_classes: number of outputs.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's, as the authors do.
        kwargs: losses and the other arguments of `BaseDecodeHead`.
    """

    STRIDE = 8

    def __init__(self, num_classes: int, init_cfg: dict[str, Any] | None = None, **kwargs: Any) -> None:
        channels = FEATURES["b3"]
        super().__init__(channels, channels, num_classes=num_classes, dropout_ratio=0, init_cfg=init_cfg, **kwargs)
        self.conv_seg = nn.Conv2d(channels, num_classes, kernel_size=1, bias=False)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H/8, W/8) of the encoder's features."""
        return self.cls_seg(self._transform_inputs(inputs))

    def _stack_batch_gt(self, batch_data_samples: SampleList) -> Tensor:
        # The authors train ESPNet-C on label maps reduced by nearest neighbour, not on enlarged logits.
        return super()._stack_batch_gt(batch_data_samples)[..., :: self.STRIDE, :: self.STRIDE]


@MODELS.register_module()
class ESPNetHead(BaseDecodeHead):
    """Decoder of ESPNet: fuses the encoder's classifier with `b2` and a half-resolution skip; full-resolution logits.

    Two versions of the skip were published. The authors' Cityscapes weights, and the parameter counts in the paper,
    fit `skip="level1"`; their CamVid weights and training code fit `skip="b1"`.

    Args:
        num_classes: number of outputs, at least 5.
        skip: the encoder feature that is concatenated at half resolution.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's, as the authors do.
        kwargs: losses and the other arguments of `BaseDecodeHead`.

    Raises:
        SegReproError: fewer than 5 classes, or another skip than the two.
    """

    conv_seg: nn.Module

    def __init__(
        self, num_classes: int, skip: Literal["level1", "b1"], init_cfg: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        if num_classes < len(DILATIONS):
            raise SegReproError(
                f"ESPNetHead: num_classes: found {num_classes}; expected at least {len(DILATIONS)}, because the "
                "decoder's ESP module splits its outputs among as many branches. Take ESPNetCHead for fewer classes"
            )
        require_known("ESPNetHead", "skip", skip, ("level1", "b1"))
        inputs = (skip, "b2", "b3")
        super().__init__(
            [FEATURES[name] for name in inputs],
            num_classes,
            num_classes=num_classes,
            input_transform="multiple_select",
            in_index=[list(FEATURES).index(name) for name in inputs],
            dropout_ratio=0,
            init_cfg=init_cfg,
            **kwargs,
        )
        self.classify_l3 = nn.Conv2d(FEATURES["b3"], num_classes, kernel_size=1, bias=False)
        self.classify_l2 = nn.Conv2d(FEATURES["b2"], num_classes, kernel_size=1, bias=False)
        self.norm_l3 = batch_norm(num_classes)
        self.fuse_l1 = ConvBNPReLU(num_classes + FEATURES[skip], num_classes)
        self.up_l3 = _upsampling(num_classes)
        self.combine_l2_l3 = nn.Sequential(BNPReLU(2 * num_classes), ESPModule(2 * num_classes, num_classes))
        self.up_l2 = nn.Sequential(_upsampling(num_classes), BNPReLU(num_classes))
        del self.conv_seg  # so that the paper's last layer is the last parameter too
        self.conv_seg = _upsampling(num_classes)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H, W) of the encoder's features."""
        skip, b2, b3 = self._transform_inputs(inputs)
        l3 = self.up_l3(self.norm_l3(self.classify_l3(b3)))
        l2 = self.up_l2(self.combine_l2_l3(torch.cat([self.classify_l2(b2), l3], dim=1)))
        return self.cls_seg(self.fuse_l1(torch.cat([l2, skip], dim=1)))


def _upsampling(channels: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(channels, channels, kernel_size=2, stride=2, bias=False)

"""The ladder of transition-up blocks and the classifiers (paper, section 4)."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import xavier_init
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from mmseg.utils import SampleList
from torch import Tensor, nn
from torch.nn.functional import relu

from .layers import ConvReLU, NormReLUConv, resize

WIDTH = 128
"""Channels of every rung of the ladder."""


class _RectifiedClassifier(BaseDecodeHead):
    """ReLU and a 1x1 convolution; the logits are resized to the input in one step, as TensorFlow 1 resizes.

    The parent's own resize then finds the size it wants, and changes nothing.
    """

    def __init__(
        self, in_channels: int | Sequence[int], channels: int, init_cfg: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(in_channels, channels, dropout_ratio=0, init_cfg=init_cfg, **kwargs)
        xavier_init(self.conv_seg, distribution="uniform")  # the authors' where no batch norm is around

    def loss_by_feat(self, seg_logits: Tensor, batch_data_samples: SampleList) -> dict[str, Tensor]:
        """Losses at the resolution of the labels."""
        size = batch_data_samples[0].gt_sem_seg.shape
        return super().loss_by_feat(resize(seg_logits, size), batch_data_samples)

    def predict_by_feat(self, seg_logits: Tensor, batch_img_metas: list[dict[str, Any]]) -> Tensor:
        """Logits at the resolution of the network's input."""
        meta = batch_img_metas[0]
        # For a sliding window MMSegmentation gives its size as torch.Size, and the pad_shape of the whole image.
        is_window = isinstance(meta["img_shape"], torch.Size)
        size = meta["img_shape"] if is_window else meta.get("pad_shape", meta["img_shape"])
        return super().predict_by_feat(resize(seg_logits, size[:2]), batch_img_metas)


@MODELS.register_module()
class LadderAuxiliaryHead2017(_RectifiedClassifier):
    """Classifier of the context at the coarsest resolution.

    Args:
        in_channels: channels of the context.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
        kwargs: number of classes, losses and the other arguments of `BaseDecodeHead`.
    """

    def __init__(self, in_channels: int = WIDTH, init_cfg: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(in_channels, in_channels, init_cfg, **kwargs)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, h, w) of the last map of the neck."""
        return self.cls_seg(relu(self._transform_inputs(inputs)))


class TransitionUp(nn.Module):
    """Projects the skip to the channels of the coarser map, concatenates both and blends them by a 3x3 convolution.

    Args:
        in_channels: channels of the coarser map, which has no norm or ReLU behind it.
        skip_channels: channels of the finer map.
    """

    def __init__(self, in_channels: int, skip_channels: int) -> None:
        super().__init__()
        self.skip = NormReLUConv(skip_channels, in_channels, kernel_size=1)
        self.blend = NormReLUConv(2 * in_channels, WIDTH, kernel_size=3)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, in_channels, h, w) and (N, skip_channels, H, W) to (N, 128, H, W)."""
        return self.blend(torch.cat([resize(x, skip.shape[-2:]), self.skip(skip)], dim=1))


class ResNetTransitionUp(nn.Module):
    """The authors' other transition-up: it projects the coarser map and takes the skip whole, without batch norm.

    Args:
        in_channels: channels of the coarser map.
        skip_channels: channels of the finer map, which is rectified.
    """

    def __init__(self, in_channels: int, skip_channels: int) -> None:
        super().__init__()
        self.up = ConvReLU(in_channels, in_channels, kernel_size=1)
        self.blend = ConvReLU(in_channels + skip_channels, WIDTH, kernel_size=3)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, in_channels, h, w) and (N, skip_channels, H, W) to (N, 128, H, W)."""
        return self.blend(torch.cat([self.up(resize(x, skip.shape[-2:])), skip], dim=1))


@MODELS.register_module()
class LadderHead2017(_RectifiedClassifier):
    """Blends the neck's maps from the coarsest to the finest and classifies the result.

    Args:
        in_channels: channels of the maps, the finest first and the context last; the context alone leaves no ladder.
        in_index: which of the neck's maps these are; all in order, if None.
        init_cfg: MMEngine's initialisation; None keeps the authors'.
        kwargs: number of classes, losses and the other arguments of `BaseDecodeHead`.
    """

    transition_up: type[nn.Module] = TransitionUp

    def __init__(
        self,
        in_channels: Sequence[int],
        in_index: Sequence[int] | None = None,
        init_cfg: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        *skips, context = in_channels
        super().__init__(
            in_channels,
            WIDTH if skips else context,
            init_cfg,
            in_index=in_index or list(range(len(in_channels))),
            input_transform="multiple_select",
            **kwargs,
        )
        widths = [context, *(WIDTH for _ in skips)]
        self.ladder = nn.ModuleList(map(self.transition_up, widths, reversed(skips)))
        self.conv_seg = self._modules.pop("conv_seg")  # so that the paper's last layer is the last parameter too

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H/4, W/4) of the neck's maps."""
        *skips, x = self._transform_inputs(inputs)
        for transition_up, skip in zip(self.ladder, reversed(skips), strict=True):
            x = transition_up(x, skip)
        return self.cls_seg(relu(x))


@MODELS.register_module()
class LadderResNetHead2017(LadderHead2017):
    """The same with the transition-up blocks of Ladder ResNet-50; arguments as there."""

    transition_up = ResNetTransitionUp

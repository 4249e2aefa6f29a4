"""Decoders that add the scores of pooled maps to the upsampled scores of `fc7`, coarse to fine."""

from collections.abc import Sequence
from typing import Any

from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from torch import Tensor, nn

from .backbone import FEATURES
from .layers import Fusion, bilinear_upsampling, crop, zero_convolution

CROPS = {"pool4": 5, "pool3": 9, "pool2": 17, "pool1": 33}
"""Position of each skip on the upsampled scores.

Pixel i of a map of stride s has its centre at s * i + (s - 1) / 2 - 99 in the image, since the border shifts by 99.
`fc7` begins at pixel 3 of `pool5`, and an upsampling by f puts input pixel i at f * i + f - 1/2.
"""


class SkipHead(BaseDecodeHead):
    """Scores of `fc7`, fused with pooled maps one after another, enlarged and cropped to the image.

    Args:
        num_classes: number of outputs.
        scales: factor of each skip from `pool4` on, None for none; their number decides the output stride.
        learnt: whether the upsampling within the fusions is; the last one is fixed.
        init_cfg: MMEngine's initialisation; None keeps the authors': zero scores and bilinear upsampling.
        kwargs: losses and the other arguments of `BaseDecodeHead`.
    """

    conv_seg: nn.Module

    def __init__(
        self,
        num_classes: int,
        *,
        scales: Sequence[float | None],
        learnt: bool,
        init_cfg: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        skips = list(CROPS)[: len(scales)]
        inputs = ("image", "fc7", *skips)
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
        stride = 32 // 2 ** len(skips)
        self.start = 35 - stride // 2  # by the geometry of `CROPS`
        self.score_fr = zero_convolution(FEATURES["fc7"], num_classes)
        self.fusions = nn.ModuleDict(
            {
                name: Fusion(num_classes, FEATURES[name], CROPS[name], scale=scale, learnt=learnt)
                for name, scale in zip(skips, scales, strict=True)
            }
        )
        del self.conv_seg  # so that the paper's last layer is the last parameter too
        self.conv_seg = bilinear_upsampling(num_classes, stride, learnt=False)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H, W) of the backbone's features."""
        image, fc7, *skips = self._transform_inputs(inputs)
        scores = self.score_fr(fc7)
        for fusion, skip in zip(self.fusions.values(), skips, strict=True):
            scores = fusion(scores, skip)
        return crop(self.cls_seg(scores), self.start, like=image)


@MODELS.register_module()
class FCN2sHead(SkipHead):
    """Decoder of Kamran et al.: four skips, each scaled by a constant; all upsampling is fixed."""

    def __init__(self, num_classes: int, **kwargs: Any) -> None:
        super().__init__(num_classes, scales=(1e-2, 1e-4, 1e-6, 1e-8), learnt=False, **kwargs)


@MODELS.register_module()
class FCN8sHead(SkipHead):
    """Decoder of Long et al. (CVPR 2015): two skips as they are; upsampling is learnt except for the last."""

    def __init__(self, num_classes: int, **kwargs: Any) -> None:
        super().__init__(num_classes, scales=(None, None), learnt=True, **kwargs)

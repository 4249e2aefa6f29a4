"""The ladder decoder (paper, section 3)."""

from collections.abc import Iterable
from typing import Any, cast

from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from mmseg.utils import ConfigType, SampleList
from torch import Tensor, nn

from mmseg_plugins.networks.require_known import require_known

from .backbone import FEATURES
from .checkpointing import checkpointed
from .layers import WIDTH, Classifier, LadderStage, SpatialPyramid
from .loss import soft_cross_entropy, soft_targets

STAGES = (512, 256, 256, 128, WIDTH)
"""Channels that enter the ladder at 1/64, 1/32, 1/16 and 1/8 of the resolution, and that leave it at 1/4."""
CELLS = (64, 32, 16, 8)
"""Side in pixels of the cells that the auxiliary classifiers of the four stages label."""


@MODELS.register_module()
class LDNHead(BaseDecodeHead):
    """Spatial pyramid, four steps up the ladder, classifier; logits at 1/4 of the resolution.

    Args:
        depth: of the encoder.
        num_classes: number of outputs.
        auxiliary_weight: share of the auxiliary losses in the total; above 0 the map that enters each ladder stage has
            a classifier of its own.
        checkpointing: whether the classifier is computed again in the backward pass, which saves memory.
        init_cfg: MMEngine's initialisation; None keeps the authors', which the layers apply themselves.
        kwargs: losses and the other arguments of `BaseDecodeHead`.
    """

    def __init__(
        self,
        num_classes: int,
        depth: int = 121,
        auxiliary_weight: float = 0.0,
        checkpointing: bool = False,
        init_cfg: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        require_known("LDNHead", "depth", depth, FEATURES)
        *skips, deepest = FEATURES[depth]
        super().__init__(
            [*skips, deepest],
            WIDTH,
            num_classes=num_classes,
            input_transform="multiple_select",
            in_index=list(range(len(FEATURES[depth]))),
            dropout_ratio=0,
            init_cfg=init_cfg,
            **kwargs,
        )
        del self.conv_seg  # the classifier has batch norm and ReLU in front
        self.auxiliary_weight = auxiliary_weight
        self.checkpointing = checkpointing
        self.pyramid = SpatialPyramid(deepest, STAGES[0])
        self.stages = nn.ModuleList(
            LadderStage(width, skip, next_width, num_classes if auxiliary_weight else None)
            for width, next_width, skip in zip(STAGES[:-1], STAGES[1:], reversed(skips), strict=True)
        )
        self.classify = Classifier(WIDTH, num_classes)

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, num_classes, H/4, W/4) of the encoder's features."""
        return self.forward_all(inputs)[0]

    def forward_all(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, list[Tensor]]:
        """Logits of all classifiers.

        Args:
            inputs: the encoder's features.

        Returns:
            The logits at 1/4 of the resolution, and the auxiliary logits at 1/64, 1/32, 1/16 and 1/8, if there are any.
        """
        *skips, deepest = self._transform_inputs(inputs)
        x = self.pyramid(deepest)
        auxiliary = []
        stages = cast("Iterable[LadderStage]", self.stages)
        for stage, skip in zip(stages, reversed(skips), strict=True):
            if stage.classify is not None:
                auxiliary.append(stage.classify(x))
            x = stage(x, skip)
        recompute = self.checkpointing and self.training
        return checkpointed(self.classify, x) if recompute else self.classify(x), auxiliary

    def loss(
        self, inputs: tuple[Tensor, ...], batch_data_samples: SampleList, train_cfg: ConfigType
    ) -> dict[str, Tensor]:
        """Losses of all classifiers: `loss_ce`, and `loss_aux_<side of the cell>` for each level (section 3).

        Their sum is (1 - w) * main + w * mean of the levels, w being `auxiliary_weight`. The main loss compares logits
        and labels at full resolution, an auxiliary one coarse logits and the class histograms of their cells.

        Args:
            inputs: the encoder's features.
            batch_data_samples: with label maps whose sides are multiples of 64, if there are auxiliary classifiers.
            train_cfg: not used.

        Raises:
            SegReproError: the label maps have other sides.
        """
        logits, auxiliary = self.forward_all(inputs)
        losses = self.loss_by_feat(logits, batch_data_samples)
        if not auxiliary:
            return losses
        losses["loss_ce"] = (1 - self.auxiliary_weight) * losses["loss_ce"]
        labels = self._stack_batch_gt(batch_data_samples).squeeze(1)
        for side, level in zip(CELLS, auxiliary, strict=True):
            targets, counts = soft_targets(labels, side, self.num_classes, self.ignore_index)
            weight = self.auxiliary_weight / len(CELLS)
            losses[f"loss_aux_{side}"] = weight * soft_cross_entropy(level, targets, counts)
        return losses

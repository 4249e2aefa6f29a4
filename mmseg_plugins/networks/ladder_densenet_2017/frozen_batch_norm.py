"""The segmentor of table 4's frozen-BN row."""

from typing import Any

from mmseg.models import EncoderDecoder
from mmseg.registry import MODELS
from torch import nn


@MODELS.register_module()
class FrozenBatchNormEncoderDecoder(EncoderDecoder):
    """`EncoderDecoder` whose batch norms keep their weights and statistics in training; arguments as there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for norm in self._norms():
            norm.requires_grad_(False)

    def train(self, mode: bool = True) -> "FrozenBatchNormEncoderDecoder":
        """Sets the mode of everything but the batch norms, which stay in evaluation."""
        super().train(mode)
        for norm in self._norms():
            norm.eval()
        return self

    def _norms(self) -> list[nn.BatchNorm2d]:
        return [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]

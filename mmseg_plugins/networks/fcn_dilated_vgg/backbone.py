"""VGG without a fixed input size: its fully connected layers are convolutions (Long et al., section 4.1)."""

from typing import Any, Literal

from mmcv.cnn.vgg import make_vgg_layer
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import pad

from mmseg_plugins.networks.require_known import require_known

FEATURES = {"image": 3, "pool1": 64, "pool2": 128, "pool3": 256, "pool4": 512, "fc7": 4096}
"""The maps that the backbone returns, in this order, with their channels."""

_CONVOLUTIONS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
_CHANNELS = (3, 64, 128, 256, 512, 512)


@MODELS.register_module()
class FullyConvolutionalVGG(BaseModule):
    """VGG's five pooled stages on a zero border of 100 pixels, then `fc6` and `fc7` as convolutions.

    The border makes the maps large enough for every crop of the decoders, whatever the size of the image. The image is
    passed on because the last crop needs its size, which the pooled maps do not tell.

    Args:
        depth: 16 or 19 layers.
        dilated: whether `fc6` is 3x3 with dilation 3 (Kamran et al.) instead of VGG's 7x7; both cover 7x7 pixels.
        init_cfg: MMEngine's initialisation; None keeps PyTorch's.
    """

    def __init__(self, depth: Literal[16, 19], dilated: bool, init_cfg: dict[str, Any] | None = None) -> None:
        require_known("FullyConvolutionalVGG", "depth", depth, _CONVOLUTIONS)
        super().__init__(init_cfg)
        self.stages = nn.ModuleList(
            nn.Sequential(*make_vgg_layer(_CHANNELS[i], _CHANNELS[i + 1], count, ceil_mode=True))
            for i, count in enumerate(_CONVOLUTIONS[depth])
        )
        self.fc6 = _fully_connected(_CHANNELS[-1], kernel=3 if dilated else 7, dilation=3 if dilated else 1)
        self.fc7 = _fully_connected(FEATURES["fc7"], kernel=1, dilation=1)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Extracts features.

        Args:
            image: float, (N, 3, H, W), BGR, 0 to 255 minus the mean; H and W at least 1.

        Returns:
            Maps of `FEATURES`: the image; (N, C, ceil((H + 198) / s), ceil((W + 198) / s)) for s = 2, 4, 8, 16; and
            (N, 4096, ceil((H + 198) / 32) - 6, ceil((W + 198) / 32) - 6).
        """
        # The first convolution pads by 1 itself, which makes the authors' 100.
        x = pad(image, [99] * 4)
        pools = [x := stage(x) for stage in self.stages]
        return image, *pools[:-1], self.fc7(self.fc6(x))


def _fully_connected(in_channels: int, kernel: int, dilation: int) -> nn.Sequential:
    convolution = nn.Conv2d(in_channels, FEATURES["fc7"], kernel, dilation=dilation)
    return nn.Sequential(convolution, nn.ReLU(inplace=True), nn.Dropout(0.5))

"""ESPNet and ESPNet-C (Mehta et al., ECCV 2018); importing registers them with MMSegmentation."""

from . import backbone, decode_head, loss

__all__ = ["backbone", "decode_head", "loss"]

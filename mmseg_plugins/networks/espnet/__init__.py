"""ESPNet and ESPNet-C (Mehta et al., ECCV 2018); importing registers them with MMSegmentation."""

from . import backbone, class_weights, decode_head

__all__ = ["backbone", "class_weights", "decode_head"]

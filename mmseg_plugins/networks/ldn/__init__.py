"""Ladder DenseNet (Krešo, Krapac, Šegvić, IEEE T-ITS 2020); importing registers it with MMSegmentation."""

from . import backbone, decode_head

__all__ = ["backbone", "decode_head"]

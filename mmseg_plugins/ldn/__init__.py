"""Ladder DenseNet (Kreso, Krapac, Segvic, IEEE T-ITS 2020); importing registers it with MMSegmentation."""

from . import backbone, decode_head

__all__ = ["backbone", "decode_head"]

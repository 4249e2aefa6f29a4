"""Dilated FCN-2s (Kamran et al., 2017) and FCN-8s (Long et al., CVPR 2015); importing registers them."""

from . import backbone, decode_head

__all__ = ["backbone", "decode_head"]

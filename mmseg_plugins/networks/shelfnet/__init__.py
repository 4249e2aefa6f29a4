"""ShelfNet and its lightweight successor (Zhuang et al., 2018-2019); importing registers them with MMSegmentation."""

from . import backbone, decode_head, loss, neck

__all__ = ["backbone", "decode_head", "loss", "neck"]

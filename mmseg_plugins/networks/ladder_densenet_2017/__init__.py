"""Ladder-style DenseNets (Krešo, Šegvić, Krapac, ICCV workshops 2017); importing registers them with MMSegmentation."""

from . import backbone, decode_head, frozen_batch_norm, neck

__all__ = ["backbone", "decode_head", "frozen_batch_norm", "neck"]

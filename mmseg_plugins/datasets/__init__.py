"""Datasets and transforms that MMSegmentation has none for; importing registers them."""

from .camvid import CamVidDataset
from .random_crop_resize import RandomCropResize
from .void_as_class import VoidAsClass

__all__ = ["CamVidDataset", "RandomCropResize", "VoidAsClass"]

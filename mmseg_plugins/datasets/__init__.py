"""Datasets and transforms that MMSegmentation has none for; importing registers them."""

from .camvid import CamVidDataset
from .color_jitter import ColorJitter
from .enlarge_to_crop import EnlargeToCrop
from .pad_reflect import PadReflect
from .random_crop_resize import RandomCropResize
from .random_gaussian_blur import RandomGaussianBlur
from .random_rotate_reflect import RandomRotateReflect
from .void_as_class import VoidAsClass

__all__ = [
    "CamVidDataset",
    "ColorJitter",
    "EnlargeToCrop",
    "PadReflect",
    "RandomCropResize",
    "RandomGaussianBlur",
    "RandomRotateReflect",
    "VoidAsClass",
]

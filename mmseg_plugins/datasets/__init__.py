"""Datasets and transforms that MMSegmentation does not have, and how they are drawn; importing registers them."""

from .camvid import CamVidDataset
from .centred_pad import CentredPad
from .cityscapes_coarse import CityscapesCoarseDataset
from .color_jitter import ColorJitter
from .crop_rows import CropRows
from .enlarge_to_crop import EnlargeToCrop
from .keep_truth import KeepTruth
from .load_image_from_file import LoadImageFromFile
from .load_label_ids import LoadLabelIds
from .nyu_depth_v2 import NYUDepthV2Dataset
from .pad_reflect import PadReflect
from .paint_ego_vehicle import PaintEgoVehicle
from .random_crop_resize import RandomCropResize
from .random_gaussian_blur import RandomGaussianBlur
from .random_rotate_reflect import RandomRotateReflect
from .resize_on_demand import ResizeOnDemand
from .score_at_input_size import ScoreAtInputSize
from .scored_image_hook import ScoredImageHook
from .transforms_of_pass import TransformsOfPass
from .uncompressed_backend import UncompressedBackend
from .void_as_class import VoidAsClass

__all__ = [
    "CamVidDataset",
    "CentredPad",
    "CityscapesCoarseDataset",
    "ColorJitter",
    "CropRows",
    "EnlargeToCrop",
    "KeepTruth",
    "LoadImageFromFile",
    "LoadLabelIds",
    "NYUDepthV2Dataset",
    "PadReflect",
    "PaintEgoVehicle",
    "RandomCropResize",
    "RandomGaussianBlur",
    "RandomRotateReflect",
    "ResizeOnDemand",
    "ScoreAtInputSize",
    "ScoredImageHook",
    "TransformsOfPass",
    "UncompressedBackend",
    "VoidAsClass",
]

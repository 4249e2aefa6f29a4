# EncNet on ResNet-50, after MMSegmentation's encnet_r50-d8_4xb2-80k_cityscapes-512x1024.
_base_ = [
    "../_base_/models/encnet.py",
    "../_base_/datasets/cityscapes_mmseg.py",
    "../_base_/schedules/mmseg_80k.py",
    "../_base_/runtime/default.py",
]

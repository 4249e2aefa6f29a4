# EncNet on ResNet-50, after MMSegmentation's encnet_r50-d8_4xb4-40k_voc12aug-512x512.
_base_ = [
    "../_base_/models/encnet.py",
    "../_base_/datasets/voc2012_mmseg.py",
    "../_base_/schedules/mmseg_40k.py",
    "../_base_/runtime/default.py",
]
data_preprocessor = dict(size=(512, 512))
model = dict(data_preprocessor=data_preprocessor, decode_head=dict(num_classes=21), auxiliary_head=dict(num_classes=21))

# Dilated FCN-2s on NYU Depth v2, from the ILSVRC VGG. The authors' recipe for this dataset is not known: this is the
# first stage of theirs for PASCAL VOC. The VGG of the reported figure is not said.
_base_ = [
    "../_base_/models/fcn2s_dilated_vgg16.py",
    "../_base_/datasets/nyu_depth_v2_fcn.py",
    "../_base_/schedules/fcn_dilated_vgg.py",
    "../_base_/runtime/default.py",
]
model = dict(
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="VGG16_Weights.IMAGENET1K_V1")),
    decode_head=dict(num_classes=40),
)
default_hooks = dict(checkpoint=dict(interval=5000))

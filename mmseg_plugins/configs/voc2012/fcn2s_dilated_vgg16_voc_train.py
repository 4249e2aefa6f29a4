# Dilated FCN-2s on PASCAL VOC 2012, the first stage: `train`, from the ILSVRC VGG. The authors took its Caffe weights;
# these are torchvision's.
_base_ = [
    "../_base_/models/fcn2s_dilated_vgg16.py",
    "../_base_/datasets/voc2012_fcn.py",
    "../_base_/schedules/fcn_dilated_vgg.py",
    "../_base_/runtime/default.py",
]
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="VGG16_Weights.IMAGENET1K_V1")))
default_hooks = dict(checkpoint=dict(interval=5000))

# LadderResNet-50 4x at half resolution (table 1), as the authors' code has it; whether the table used this version of
# its ladder is not determined.
_base_ = [
    "../_base_/models/ladder_resnet50_2017.py",
    "../_base_/datasets/cityscapes_ladder_2017.py",
    "../_base_/schedules/ladder_2017_resnet.py",
    "../_base_/runtime/best_miou.py",
]
# BGR less means in the order of RGB, as in the authors' code; no division by the deviation.
data_preprocessor = dict(mean=_base_.normalisation.mean, std=[1, 1, 1])
model = dict(
    data_preprocessor=data_preprocessor,
    # Not the authors' Caffe weights: mmseg_plugins/networks/ladder_densenet_2017/imagenet.py says what differs.
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")),
)
train_cfg = dict(val_interval=_base_.epoch)

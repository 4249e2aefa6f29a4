# LadderResNet-50 4x (table 6). The authors' config for it does not run any more; what it leaves open is as on
# Cityscapes.
_base_ = [
    "../_base_/models/ladder_resnet50_2017.py",
    "../_base_/datasets/voc2012_ladder_2017.py",
    "../_base_/schedules/ladder_2017_resnet.py",
    "../_base_/runtime/best_miou.py",
]
# BGR less means in the order of RGB, about 13 grey levels off, as in the authors' code.
data_preprocessor = dict(mean=_base_.normalisation.mean, std=[1, 1, 1])
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")),
    decode_head=dict(num_classes=21),
    auxiliary_head=dict(num_classes=21),
)
train_cfg = dict(val_interval=_base_.epoch)

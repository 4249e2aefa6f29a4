# LadderDenseNet-169 4x (table 6).
_base_ = [
    "../_base_/models/ladder_densenet169_2017.py",
    "../_base_/datasets/voc2012_ladder_2017.py",
    "../_base_/schedules/ladder_2017_voc.py",
    "../_base_/runtime/best_miou.py",
]
data_preprocessor = _base_.normalisation
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="DenseNet169_Weights.IMAGENET1K_V1")),
    decode_head=dict(num_classes=21),
    auxiliary_head=dict(num_classes=21),
)
train_cfg = dict(val_interval=_base_.epoch)

# LadderDenseNet-169 4x at half resolution (table 1).
_base_ = [
    "../_base_/models/ladder_densenet169_2017.py",
    "../_base_/datasets/cityscapes_ladder_2017.py",
    "../_base_/schedules/ladder_2017.py",
    "../_base_/runtime/best_miou.py",
]
data_preprocessor = _base_.normalisation
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="DenseNet169_Weights.IMAGENET1K_V1")),
)
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=30 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=30 * _base_.epoch, val_interval=_base_.epoch)

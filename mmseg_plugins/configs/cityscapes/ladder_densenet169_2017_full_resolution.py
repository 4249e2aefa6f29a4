# Ladder DenseNet-169 4x fine-tune (table 4): from the model of half resolution, two whole images per batch.
_base_ = [
    "../_base_/models/ladder_densenet169_2017.py",
    "../_base_/datasets/cityscapes_ladder_2017_full.py",
    "../_base_/schedules/ladder_2017.py",
    "../_base_/runtime/best_miou.py",
]
data_preprocessor = _base_.normalisation
model = dict(data_preprocessor=data_preprocessor)
load_from = "results/cityscapes/ladder_densenet169_2017/retrained/seed0/weights.pth"
# Length and rates are not stated: those of half resolution.
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=30 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=30 * _base_.epoch, val_interval=_base_.epoch)

# ShelfNet50 on PASCAL Context, the 59 classes without background. That it trains with both auxiliary losses, as on the
# other PASCAL sets, is a reading: the paper speaks of cross-entropy alone, and no published command for Context
# switches them on.
_base_ = [
    "../_base_/models/shelfnet50_aux_se.py",
    "../_base_/datasets/pascal_context_shelfnet50.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/best_accuracy_and_miou.py",
]
model = dict(
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")),
    decode_head=dict(num_classes=59),
    auxiliary_head=[{**head, "num_classes": 59} for head in _base_.model.auxiliary_head],
)
# The code's rate; the paper prints 0.001.
optim_wrapper = dict(optimizer=dict(lr=1e-3 / 16 * 12))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=80 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=80 * _base_.epoch, val_interval=_base_.epoch)

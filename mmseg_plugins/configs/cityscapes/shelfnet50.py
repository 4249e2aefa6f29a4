# ShelfNet50 on finely labelled Cityscapes. The public code trains 80 epochs unless told otherwise; 240 is what
# its readme says of the figure that it reports. The paper says 500, with batches of 6 and a rate of 0.005.
_base_ = [
    "../_base_/models/shelfnet50.py",
    "../_base_/datasets/cityscapes_shelfnet50.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/best_accuracy_and_miou.py",
]
# Of Cityscapes, RGB: those of the dilated residual networks of Yu et al., whose code the authors built upon.
data_preprocessor = dict(
    mean=[255 * 0.29010095, 255 * 0.32808144, 255 * 0.28696394],
    std=[255 * 0.18295405, 255 * 0.18656561, 255 * 0.18447509],
)
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")),
)
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=240 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=240 * _base_.epoch, val_interval=_base_.epoch)

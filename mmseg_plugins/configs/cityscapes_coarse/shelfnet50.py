# ShelfNet50 on coarsely labelled Cityscapes, the stage before cityscapes/shelfnet50_coarse.py. The rate is constant,
# as the authors' readme says of the public code, for the 60 epochs that the code has.
# The paper says 30 epochs, with batches of 6; the readme says that its training was stopped by hand at epoch 35 of 500.
_base_ = [
    "../_base_/models/shelfnet50.py",
    "../_base_/datasets/cityscapes_coarse_shelfnet50.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/default.py",
]
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")))
param_scheduler = []
train_cfg = dict(max_iters=60 * _base_.epoch, val_interval=_base_.epoch)

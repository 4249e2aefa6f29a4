# ESPNet-C on Cityscapes, also the first stage of ESPNet; void learnt as the last of 20 classes.
_base_ = [
    "../_base_/models/espnetc.py",
    "../_base_/datasets/cityscapes_espnet.py",
    "../_base_/schedules/espnet.py",
    "../_base_/runtime/default.py",
]
# The constants of the authors' evaluation code, BGR; their training code computes them from the training images:
# averages of the images' own means and deviations. They divide the normalised image by 255 as well.
data_preprocessor = dict(
    mean=[72.3923111, 82.90893555, 73.15840149],
    std=[255 * 45.3192215, 255 * 46.15289307, 255 * 44.91483307],
)
# The authors weight the classes, void among them, by their shares of the training pixels, with the same weights in all
# passes. They publish none for Cityscapes, so they are counted when a training begins.
custom_hooks = [*_base_.custom_hooks, dict(type="ClassWeightsHook")]
model = dict(data_preprocessor=data_preprocessor)
param_scheduler = [dict(type="StepLR", step_size=100 * _base_.epoch, gamma=0.5, by_epoch=False)]
train_cfg = dict(max_iters=300 * _base_.epoch, val_interval=10 * _base_.epoch)

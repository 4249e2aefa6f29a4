# Ladder DenseNet-121, 64 -> 4. Of the release: network, input, augmentation and the form of the losses. Ours, as it has
# no values for them: optimiser, rates, length (see the schedule), scales, crop and batch (see the dataset), and the
# share of the auxiliary losses, which is the one that the same authors printed in 2017.
# The release evaluates without auxiliary classifiers. They do not touch the prediction and are 24 268 parameters.
_base_ = [
    "../_base_/models/ldn.py",
    "../_base_/datasets/cityscapes_ldn.py",
    "../_base_/schedules/ldn.py",
    "../_base_/runtime/default.py",
]
# Of Cityscapes, RGB, with ImageNet weights too.
data_preprocessor = dict(mean=[73.45286, 83.21195, 72.78044], std=[45.19961, 46.3659, 45.48506])
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(
        checkpointing=True,
        init_cfg=dict(type="ImageNetInit", weights="DenseNet121_Weights.IMAGENET1K_V1"),
    ),
    decode_head=dict(auxiliary_weight=0.3, checkpointing=True),
)
# Crops of 768x768 see as many pixels in 107 epochs as images of 2048x1024 in 30, which is the number of 2017.
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=107 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=107 * _base_.epoch, val_interval=_base_.epoch)

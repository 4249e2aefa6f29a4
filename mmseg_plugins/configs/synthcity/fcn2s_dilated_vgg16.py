# Dilated FCN-2s from scratch on the embedded dataset: minutes on two CPU cores. The authors' recipe presupposes a
# pretrained VGG and 300000 steps; this one is the suite's: He initialisation, inputs of unit deviation, AdamW, crops.
_base_ = [
    "../_base_/models/fcn2s_dilated_vgg16.py",
    "../_base_/datasets/synthcity.py",
    "../_base_/schedules/short.py",
    "../_base_/runtime/short.py",
]
# Averages over the training images of their channel means and channel standard deviations, BGR.
data_preprocessor = dict(mean=[91.0, 95.4, 97.5], std=[45.5, 40.7, 42.4])
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(init_cfg=dict(type="Kaiming", layer="Conv2d", mode="fan_in")),
    decode_head=dict(
        num_classes=19,
        loss_decode=dict(
            reduction="mean",
            # Square roots of ESPNet's: without weights only road and building are learnt in so few steps.
            class_weight=[
                1.9, 4.5, 2.2, 5.5, 5.6, 6.0, 6.5, 6.5, 2.8, 4.8,
                2.9, 6.0, 6.1, 3.9, 4.0, 4.2, 4.1, 6.1, 6.3,
            ],
        ),
    ),
)  # fmt: skip
# Narrow crops of full height: what is sky and what is road shows in few steps.
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomCrop", crop_size=(256, 128)),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(batch_size=1, dataset=dict(dataset=dict(pipeline=train_pipeline)))
optim_wrapper = dict(optimizer=dict(lr=3e-5))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=40, by_epoch=False)]
train_cfg = dict(max_iters=40)

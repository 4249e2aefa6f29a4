# Ladder ResNet-50 4x from scratch (table 3): random weights, every layer at the full rate.
_base_ = "./ladder_resnet50_2017.py"
model = dict(
    backbone=dict(
        init_cfg=[
            dict(type="Kaiming", layer="Conv2d", mode="fan_in", nonlinearity="relu"),
            dict(type="Constant", val=1, layer="BatchNorm2d"),
        ]
    )
)
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0))))

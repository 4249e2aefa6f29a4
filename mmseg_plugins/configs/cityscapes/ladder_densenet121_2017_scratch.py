# Ladder DenseNet-121 4x from scratch (table 3): random weights, every layer at the full rate.
_base_ = "./ladder_densenet121_2017.py"
model = dict(backbone=dict(init_cfg=None))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0))))

# The same for Ladder ResNet-50: in all its code the pre-trained part learns at a tenth (the paper prints a fifth for
# all), and the training has 20000 iterations. The ladder's convolutions, which have no batch norm, are not decayed.
_base_ = "./ladder_2017.py"
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={"backbone": dict(lr_mult=1 / 10), "decode_head.ladder": dict(decay_mult=0.0)},
    )
)
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=20000 + 1, by_epoch=False)]
train_cfg = dict(max_iters=20000)

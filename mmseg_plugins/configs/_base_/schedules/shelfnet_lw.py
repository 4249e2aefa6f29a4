# From the public code of ShelfNet-lw: SGD for 80000 iterations; the rate grows exponentially from 1e-5 to 1e-2 over
# 1000 of them, then falls to 0. All but the backbone learns ten times as fast. Only convolutions' weights decay.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="SGD", lr=10 * 1e-5, momentum=0.9, weight_decay=5e-4),
    constructor="KernelDecayConstructor",
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))),
)
# MMEngine counts neither the first nor the last iteration of a scheduler as a step, hence the ends.
param_scheduler = [
    dict(type="ExponentialLR", gamma=1000 ** (1 / 1000), begin=0, end=1000 + 1, by_epoch=False),
    dict(type="PolyLR", power=0.9, eta_min=0, begin=1000, end=80000 + 1, by_epoch=False),
]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=80000, val_interval=1000)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

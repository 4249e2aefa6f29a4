# From the public code of ShelfNet-lw: SGD for 80000 iterations; the rate grows exponentially from 1e-5 to 1e-2 over
# 1000 of them, then falls to 0. All but the backbone learns ten times as fast. Only convolutions' weights decay.
backbone_norms = [
    "backbone.bn1.",
    *(
        f"backbone.layer{stage}.{block}.{norm}."
        for stage in (1, 2, 3, 4)
        for block in range(6)  # as many as the longest stage of ResNet-34 has
        for norm in ("bn1", "bn2", "downsample.1")
    ),
]
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="SGD", lr=10 * 1e-5, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(
        # norms and biases; MMEngine does not apply this to parameters that a custom key names
        flat_decay_mult=0,
        custom_keys={
            "backbone.": dict(lr_mult=0.1),
            **{norm: dict(lr_mult=0.1, decay_mult=0) for norm in backbone_norms},
        },
    ),
)
del backbone_norms
# MMEngine counts neither the first nor the last iteration of a scheduler as a step, hence the ends.
param_scheduler = [
    dict(type="ExponentialLR", gamma=1000 ** (1 / 1000), begin=0, end=1000 + 1, by_epoch=False),
    dict(type="PolyLR", power=0.9, eta_min=0, begin=1000, end=80000 + 1, by_epoch=False),
]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=80000, val_interval=1000)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

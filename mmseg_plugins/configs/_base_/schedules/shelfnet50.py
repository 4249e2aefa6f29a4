# From the public code of ShelfNet50 and 101: SGD, everything decays, all but the backbone learns ten times as fast.
# The rate falls to 0 over all iterations. A config sets rate and iterations: epochs times whole batches of 12.
# These are the code's for Cityscapes: a rate of 0.01 for batches of 16, 80 epochs of 2975 images.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="SGD", lr=1e-2 / 16 * 12, momentum=0.9, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys=dict(neck=dict(lr_mult=10), head=dict(lr_mult=10))),
)
# MMEngine reaches 0 one iteration before the end.
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=80 * 247 + 1, by_epoch=False)]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=80 * 247, val_interval=10 * 247)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")
# The public code synchronises every norm; on one GPU this changes nothing.
sync_bn = "torch"

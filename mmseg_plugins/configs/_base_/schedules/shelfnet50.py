# From the public code of ShelfNet50 and 101: SGD, everything decays, all but the backbone learns ten times as fast.
# The rate, here the code's for Cityscapes, is one for batches of 16 and falls to 0 over all iterations. A config sets
# these: MMEngine reaches 0 one iteration before the `end` of a scheduler. The authors validate after each epoch and
# hand on the best by the mean of pixel accuracy and mIoU: runtime/best_accuracy_and_miou.py.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="SGD", lr=1e-2 / 16 * 12, momentum=0.9, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys=dict(neck=dict(lr_mult=10), head=dict(lr_mult=10))),
)
train_cfg = dict(type="IterBasedTrainLoop")
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")
# The public code synchronises every norm; on one GPU this changes nothing.
sync_bn = "torch"

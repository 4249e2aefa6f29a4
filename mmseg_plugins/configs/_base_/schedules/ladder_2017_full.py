# The same at full resolution (table 4), whose length and rates are not stated: 30 epochs of 2975 // 2 batches.
_base_ = "./ladder_2017.py"
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=30 * 1487 + 1, by_epoch=False)]
train_cfg = dict(max_iters=30 * 1487, val_interval=1487)

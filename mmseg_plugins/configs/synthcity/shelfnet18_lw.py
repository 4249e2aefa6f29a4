# ShelfNet18-lw from scratch on the embedded dataset: minutes on two CPU cores.
_base_ = [
    "../_base_/models/shelfnet18_lw.py",
    "../_base_/datasets/synthcity.py",
    "../_base_/schedules/short.py",
    "../_base_/runtime/short.py",
]
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=200, by_epoch=False)]
train_cfg = dict(max_iters=200)

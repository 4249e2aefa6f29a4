# Minutes on two CPU cores for a network that is slower than ESPNet.
_base_ = "./short.py"
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=150, by_epoch=False)]
train_cfg = dict(max_iters=150)

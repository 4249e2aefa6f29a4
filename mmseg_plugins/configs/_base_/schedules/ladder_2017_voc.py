# The same on PASCAL VOC: the rate decays over 20000 iterations. The released code goes on to 100 epochs, at a rate
# of 0.
_base_ = "./ladder_2017.py"
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=20000 + 1, by_epoch=False)]
train_cfg = dict(max_iters=20000)

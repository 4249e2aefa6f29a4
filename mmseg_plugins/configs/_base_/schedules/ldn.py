# The release of Ladder DenseNet names no optimiser, rate, batch size or length, and of the paper only the abstract was
# at hand: the nearest source is the same authors' recipe of 2017, of which optimiser, rates, their ratio and decays are
# taken. The length is ours: crops of 768x768 see as many pixels in 107 epochs as images of 2048x1024 in 30, which is
# the number of 2017.
_base_ = "./ladder_2017.py"
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={"_delete_": True, "backbone": dict(lr_mult=1 / 5), ".classify.": dict(decay_mult=0.0)}
    )
)
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=107 * 743 + 1, by_epoch=False)]
train_cfg = dict(max_iters=107 * 743)

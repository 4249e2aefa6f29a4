# The release of Ladder DenseNet names no optimiser, rate, batch size or length, and of the paper only the abstract was
# at hand: the nearest source is the same authors' recipe of 2017, of which optimiser, rates, their ratio and decays are
# taken. A config sets the length.
_base_ = "./ladder_2017.py"
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={"_delete_": True, "backbone": dict(lr_mult=1 / 5), ".classify.": dict(decay_mult=0.0)}
    )
)

# The ladder networks of 2017 (paper, section 5.1). L2 of 1e-4 on w^2 / 2 of kernels is part of their loss: it is Adam's
# own weight decay, not AdamW's. TensorFlow adds epsilon before the bias correction and PyTorch after it, which at 1e-8
# is no difference.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=5e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-4),
    constructor="KernelDecayConstructor",
    paramwise_cfg=dict(
        custom_keys=dict(
            # The pre-trained part learns at a fifth: paper, and the released PASCAL VOC code. The released Cityscapes
            # code, which is another network, has a half; the code of the days of the paper has a tenth.
            backbone=dict(lr_mult=1 / 5),
            conv_seg=dict(decay_mult=0.0),
        )
    ),
)
# 30 epochs of 2975 // 4 batches, from the released Cityscapes code; the paper is silent, and so is the code's end rate
# of 5e-5, which is not the paper's 0. MMEngine reaches the end one step before `end`, TensorFlow at it.
# The authors validate after each epoch and keep the best; here the last weights count.
param_scheduler = [dict(type="PolyLR", power=1.5, eta_min=0, begin=0, end=22290 + 1, by_epoch=False)]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=22290, val_interval=743)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

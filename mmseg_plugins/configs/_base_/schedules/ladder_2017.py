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
# A config sets the length, over which the rate falls to the paper's 0; the code's end rate is 5e-5. MMEngine gets there
# one step before a scheduler's `end`, TensorFlow at it. The paper is silent on the length: on Cityscapes the released
# code has 30 epochs.
# The authors validate after each epoch and hand on the best by mIoU: runtime/best_miou.py.
train_cfg = dict(type="IterBasedTrainLoop")
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

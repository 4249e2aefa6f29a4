# From the Caffe solver of dilated FCN-2s: SGD at a fixed 1e-10, for a loss that is a sum over pixels; biases learn
# twice as fast, without decay. Upsampling and scales have rate 0: in the network their weights ask for no gradient.
# Caffe multiplies by the rate before it adds up the momentum, PyTorch after; at a fixed rate it is the same.
# This is the first stage on PASCAL VOC; the second sets its own number of iterations.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="SGD", lr=1e-10, momentum=0.99, weight_decay=5e-4),
    paramwise_cfg=dict(bias_lr_mult=2, bias_decay_mult=0),
)
train_cfg = dict(type="IterBasedTrainLoop", max_iters=100000, val_interval=5000)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

# From ESPNet's public training script: Adam at 5e-4, halved every 100 of 300 epochs; first the encoder alone, which is
# ESPNet-C, then encoder and decoder from its weights, both at this rate. A config sets the iterations.
# The script saves every epoch and names by hand the one that the second stage starts from; here it is the last.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=5e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=5e-4),
)
train_cfg = dict(type="PassTrainLoop")
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

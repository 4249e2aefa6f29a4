# From ESPNet's public training script: Adam at 5e-4, halved every 100 of 300 epochs; first the encoder alone (ESPNet-C)
# with batches of 12, then encoder and decoder from its weights with batches of 6. A config sets the iterations.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=5e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=5e-4),
)
train_cfg = dict(type="IterBasedTrainLoop")
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

# From ESPNet's public training script: Adam at 5e-4, halved every 100 of 300 epochs; first the encoder alone (ESPNet-C)
# with batches of 12, then encoder and decoder from its weights with batches of 6. This is the first stage on
# Cityscapes, whose 2975 images make 248 batches; the second stage and other datasets set their own iterations.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=5e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=5e-4),
)
param_scheduler = [dict(type="StepLR", step_size=100 * 248, gamma=0.5, by_epoch=False)]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=300 * 248, val_interval=10 * 248)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

# ESPNet on Cityscapes, the second stage: the wiring that the authors' Cityscapes weights fit; their training code
# builds the other one. Batches of 6 are what the help of that code says of this stage.
_base_ = ["./espnetc_p2q8.py", "../_base_/models/espnet_from_espnetc.py"]

from mmseg_plugins.training.epochs import batches_per_epoch

load_from = "results/cityscapes/espnetc_p2q8/retrained/seed0/weights.pth"
model = dict(decode_head=dict(type="ESPNetHead", skip="level1"))
train_dataloader = dict(batch_size=6)
epoch = sum(
    batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"] + more, drop_last=False)
    for more in _base_.train_dataloader.batch_sampler.more_images
)
param_scheduler = [dict(type="StepLR", step_size=100 * epoch, gamma=0.5, by_epoch=False)]
train_cfg = dict(max_iters=300 * epoch, val_interval=10 * epoch)

# ESPNet on CamVid, the second stage: the wiring that the authors' CamVid weights fit.
_base_ = ["./espnetc_p2q8.py", "../_base_/models/espnet_from_espnetc.py"]

from mmseg_plugins.training.epochs import batches_per_epoch

load_from = "results/camvid/espnetc_p2q8/retrained/seed0/weights.pth"
model = dict(decode_head=dict(type="ESPNetHead", skip="b1"))
train_dataloader = dict(batch_size=6)
epoch = batches_per_epoch("camvid", "train", train_dataloader["batch_size"], drop_last=False)
param_scheduler = [dict(type="StepLR", step_size=100 * epoch, gamma=0.5, by_epoch=False)]
train_cfg = dict(max_iters=300 * epoch, val_interval=10 * epoch)

# ESPNet on CamVid, the second stage: the wiring that the authors' CamVid weights fit.
_base_ = ["./espnetc_p2q8.py", "../_base_/models/espnet_from_espnetc.py"]
load_from = "results/camvid/espnetc_p2q8/retrained/seed0/weights.pth"
model = dict(decode_head=dict(type="ESPNetHead", skip="b1"))
# The schedule in epochs of 367 images, 61 batches.
train_dataloader = dict(batch_size=6)
param_scheduler = [dict(type="StepLR", step_size=100 * 61, gamma=0.5, by_epoch=False)]
train_cfg = dict(max_iters=300 * 61, val_interval=10 * 61)

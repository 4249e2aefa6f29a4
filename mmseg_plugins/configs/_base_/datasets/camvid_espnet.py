# CamVid as ESPNet's authors train on it: zoom, and a flip that turns images upside down (`cv2.flip(image, 0)`).
_base_ = "./camvid.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="LoadAnnotations"),
    dict(type="RandomCropResize", max_margin=32),
    dict(type="RandomFlip", prob=0.5, direction="vertical"),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(batch_size=12, dataset=dict(dataset=dict(pipeline=train_pipeline)))
# The authors keep the last batch, which is not whole.
epoch = batches_per_epoch("camvid", "train", train_dataloader["batch_size"], drop_last=False)

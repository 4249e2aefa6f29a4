# Cityscapes as ESPNet's authors feed it: 1024x512, resized as float32, void learnt as class 19.
# They normalise before they resize and we after; both are linear, so the order changes rounding only.
# Their flip turns images upside down (`cv2.flip(image, 0)`).
_base_ = "./cityscapes.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="LoadAnnotations"),
    dict(type="Resize", scale=(1024, 512)),
    dict(type="RandomCropResize", max_margin=32),
    dict(type="RandomFlip", prob=0.5, direction="vertical"),
    dict(type="VoidAsClass", void=255, label=19),
    dict(type="PackSegInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="Resize", scale=(1024, 512)),
    # Labels are loaded after `Resize`: logits are brought back to 2048x1024, where the truth is.
    dict(type="LoadAnnotations"),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(batch_size=12, dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The authors keep the last batch, which is not whole.
epoch = batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"], drop_last=False)

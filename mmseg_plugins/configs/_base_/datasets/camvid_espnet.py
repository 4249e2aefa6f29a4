# CamVid for ESPNet. Nothing public says how it was trained there: this is our reading of the code for Cityscapes.
# Theirs: the zoom, a flip that turns images upside down (`cv2.flip(image, 0)`), and a last batch that is kept.
# Ours: an epoch is one pass over the images as they are, 480x360, where on Cityscapes it is five passes at five sizes;
# and the zoom's margin is that of Cityscapes' pass at the size of evaluation.
_base_ = "./camvid.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="LoadAnnotations"),
    dict(type="RandomCropResize", max_margin=32),
    dict(type="RandomFlip", prob=0.5, direction="vertical"),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(
    batch_size=12,
    batch_sampler=dict(type="PassBatchSampler", more_images=[0]),
    dataset=dict(dataset=dict(pipeline=train_pipeline)),
)
epoch = batches_per_epoch("camvid", "train", train_dataloader["batch_size"], drop_last=False)

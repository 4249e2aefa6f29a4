# Cityscapes as Ladder DenseNet's release feeds it: scale jitter, square crop, flip, padding. The bounds of the scale,
# the side of the crop and the batch size are arguments there, without a value. Ours: the scales span those of the
# release's multi-scale evaluation; 768 is three quarters of the height and a multiple of 64, as the auxiliary losses
# ask; the batch is that of 2017.
_base_ = "./cityscapes.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(
        type="RandomResize",
        scale=(2048, 1024),
        ratio_range=(0.5, 2.0),
        interpolation="bicubic",
        resize_type="ResizeOnDemand",
    ),
    dict(type="RandomCrop", crop_size=(768, 768)),
    dict(type="RandomFlip", prob=0.5),
    # The release pads after it has normalised, with 0: that is the mean colour, here rounded.
    dict(type="CentredPad", size=(768, 768), color=(73, 83, 73)),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(batch_size=4, dataset=dict(dataset=dict(pipeline=train_pipeline)))
# Whole batches, as in 2017; the release fills a last one up by repeating its images.
epoch = batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"], drop_last=True)

# PASCAL VOC 2012 as the ladder networks of 2017 see it: every picture in the middle of a 500x500 canvas, on which they
# are scored too; its margin is void. Flips are the only augmentation.
_base_ = "./voc2012.py"

from mmseg_plugins.training.epochs import batches_per_epoch

# Averages of the pictures' own means and deviations, RGB.
normalisation = dict(
    mean=[116.49585869, 112.43425923, 103.19996733],
    std=[60.37073962, 59.39268441, 60.74823033],
)
as_seen = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="CentredPad", size=(500, 500)),
]
train_pipeline = [*as_seen, dict(type="RandomFlip", prob=0.5), dict(type="PackSegInputs")]
test_pipeline = [*as_seen, dict(type="ScoreAtInputSize"), dict(type="PackSegInputs")]
tta_pipeline = [*test_pipeline[:-1], *_base_.test_time_augmentation]
train_dataloader = dict(batch_size=5, dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("voc2012", "train", train_dataloader["batch_size"], drop_last=True)

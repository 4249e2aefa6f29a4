# The same at full resolution (table 4): nothing cropped or reduced, and five more rows at the bottom painted.
_base_ = "./cityscapes_ladder_2017.py"

from mmseg_plugins.training.epochs import batches_per_epoch

as_seen = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="LoadLabelIds"),
    dict(type="PaintEgoVehicle", color=(75, 85, 75), bottom_rows=5),
]
train_pipeline = [*as_seen, dict(type="RandomFlip", prob=0.5), dict(type="PackSegInputs")]
test_pipeline = [*as_seen, dict(type="PackSegInputs")]
tta_pipeline = [*test_pipeline[:-1], *_base_.test_time_augmentation]
train_dataloader = dict(batch_size=2, dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"], drop_last=True)

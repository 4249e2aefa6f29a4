# Cityscapes as the ladder networks of 2017 see it at "half resolution": rows 30 to 899, reduced to 1024x448, so not by
# the same factor both ways; the paper mentions the reduction alone. The recording car is then painted over in training
# and validation, found by the truth: after the reduction in every public version of the authors' code. Flips are the
# only augmentation.
_base_ = "./cityscapes.py"

from mmseg_plugins.training.epochs import batches_per_epoch

# Averages of the images' own means and deviations, RGB.
normalisation = dict(
    mean=[75.2051479, 85.01498926, 75.08929598],
    std=[46.89434904, 47.63335775, 46.47197535],
)
as_seen = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="LoadLabelIds"),
    dict(type="CropRows", start=30, stop=900),
    dict(type="Resize", scale=(1024, 448), interpolation="bicubic", backend="pillow"),
    dict(type="PaintEgoVehicle", color=(75, 85, 75)),
]
train_pipeline = [*as_seen, dict(type="RandomFlip", prob=0.5), dict(type="PackSegInputs")]
# The authors score at this size, on label maps that are cropped and reduced with the images.
test_pipeline = [*as_seen, dict(type="ScoreAtInputSize"), dict(type="PackSegInputs")]
tta_pipeline = [*test_pipeline[:-1], *_base_.test_time_augmentation]
train_dataloader = dict(batch_size=4, dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"], drop_last=True)

# Cityscapes as MMSegmentation's own recipes feed it: scaled by 0.5 to 2, crops of 1024x512, photometric distortion.
_base_ = "./cityscapes.py"
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomResize", scale=(2048, 1024), ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type="RandomCrop", crop_size=(512, 1024), cat_max_ratio=0.75),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PhotoMetricDistortion"),
    dict(type="PackSegInputs"),
]
# The recipes' four GPUs have 2 each.
train_dataloader = dict(batch_size=4 * 2, dataset=dict(dataset=dict(pipeline=train_pipeline)))

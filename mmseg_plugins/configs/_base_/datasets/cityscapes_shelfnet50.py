# Finely labelled Cityscapes as the authors of ShelfNet50 train on it, in 768x768. They resize with PIL.
_base_ = "./cityscapes.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomRotateReflect", max_degree=10, seg_fill=255),
    # A ratio from U(0.5, 2) is below 1 in a third of the cases; the two ranges have filters of their own.
    dict(
        type="RandomChoice",
        prob=[1 / 3, 2 / 3],
        transforms=[
            [
                dict(
                    type="RandomResize",
                    scale=(2048, 1024),
                    ratio_range=ratio_range,
                    interpolation=interpolation,
                    resize_type="ResizeOnDemand",
                )
            ]
            for ratio_range, interpolation in (((0.5, 1.0), "lanczos"), ((1.0, 2.0), "bicubic"))
        ],
    ),
    dict(type="PadReflect", size=768, seg_fill=255),
    dict(type="RandomCrop", crop_size=(768, 768)),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(batch_size=12, dataset=dict(dataset=dict(pipeline=train_pipeline)))
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"], drop_last=True)
# On what the authors choose the epoch: a random crop of each image. Here it is the same one after every epoch.
validation = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomCrop", crop_size=(768, 768)),
    dict(type="ScoreAtInputSize"),
    dict(type="PackSegInputs"),
]
val_dataloader = dict(
    sampler=dict(type="SeededSampler"),
    dataset=dict(
        _delete_=True, type="SeededDataset", dataset={**_base_.val_dataloader.dataset, "pipeline": validation}
    ),
)

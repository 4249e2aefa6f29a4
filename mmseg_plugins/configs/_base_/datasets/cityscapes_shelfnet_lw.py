# Cityscapes as the authors of ShelfNet-lw train on it. They read, resize and change colours with PIL.
_base_ = "./cityscapes.py"
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="ColorJitter", factors=(0.5, 1.5)),
    dict(type="RandomFlip", prob=0.5),
    dict(
        type="RandomChoiceResize",
        scales=[(int(2048 * ratio), int(1024 * ratio)) for ratio in (0.75, 1, 1.25, 1.5, 1.75, 2)],
        resize_type="ResizeOnDemand",
    ),
    # Only images of scale 0.75 are too small: they become 2049x1025 again, a blurred scale 1.
    dict(type="EnlargeToCrop", crop_size=1024),
    dict(type="RandomCrop", crop_size=(1024, 1024)),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))

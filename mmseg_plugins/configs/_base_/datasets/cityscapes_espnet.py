# Cityscapes as ESPNet's authors train on it: an epoch is five passes over the images, each at another size and shuffled
# by itself; void is learnt as class 19. They normalise before they resize and we after; both are linear, so the order
# changes rounding only. Their flip turns images upside down (`cv2.flip(image, 0)`).
_base_ = "./cityscapes.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="LoadAnnotations"),
    dict(
        type="TransformsOfPass",
        transforms=[
            [dict(type="Resize", scale=(1536, 768)), dict(type="RandomCropResize", max_margin=100)],
            [dict(type="Resize", scale=(1280, 720)), dict(type="RandomCropResize", max_margin=100)],
            [dict(type="Resize", scale=(512, 256))],
            [dict(type="Resize", scale=(768, 384)), dict(type="RandomCropResize", max_margin=32)],
            [dict(type="Resize", scale=(1024, 512)), dict(type="RandomCropResize", max_margin=32)],
        ],
    ),
    dict(type="RandomFlip", prob=0.5, direction="vertical"),
    dict(type="VoidAsClass", void=255, label=19),
    dict(type="PackSegInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile", to_float32=True),
    dict(type="Resize", scale=(1024, 512)),
    # Labels are loaded after `Resize`: logits are brought back to 2048x1024, where the truth is. The authors enlarge
    # class maps by nearest neighbour: protocol `espnet_cityscapes`, which predicts by the same pass.
    dict(type="LoadAnnotations"),
    dict(type="PackSegInputs"),
]
tta_pipeline = [*test_pipeline[:-1], *_base_.test_time_augmentation]
# The first stage's; passes at small sizes have larger batches.
train_dataloader = dict(
    batch_size=12,
    batch_sampler=dict(type="PassBatchSampler", more_images=[0, 0, 4, 4, 2]),
    dataset=dict(dataset=dict(pipeline=train_pipeline)),
)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
# The last batch of each pass is kept, though it is not whole.
epoch = sum(
    batches_per_epoch("cityscapes", "train", train_dataloader["batch_size"] + more, drop_last=False)
    for more in train_dataloader["batch_sampler"]["more_images"]
)

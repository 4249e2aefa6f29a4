# How every dataset is read: full images and the flip that every recipe has; the rest is the recipe's.
# Exact resume needs the sampler and the wrapper of the training.
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="PackSegInputs"),
]
# For `tools/test.py --tta`: MMSegmentation's usual scales, and flips. A recipe that changes `test_pipeline` puts these
# in place of its last step, too. How a paper tested at several scales is said by data_manifests/protocols.
test_time_augmentation = [
    dict(type="KeepTruth"),
    dict(
        type="TestTimeAug",
        transforms=[
            [dict(type="Resize", scale_factor=ratio, keep_ratio=True) for ratio in (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)],
            [dict(type="RandomFlip", prob=prob, direction="horizontal") for prob in (0.0, 1.0)],
            [dict(type="PackSegInputs")],
        ],
    ),
]
tta_pipeline = [*test_pipeline[:-1], *test_time_augmentation]
tta_model = dict(type="SegTTAModel")
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="SeededInfiniteSampler"),
    dataset=dict(type="SeededDataset", dataset=dict(pipeline=train_pipeline)),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(pipeline=test_pipeline),
)
test_dataloader = val_dataloader

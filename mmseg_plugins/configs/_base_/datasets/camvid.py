# CamVid, 480x360: trained on `train`, validated on `val`, tested on `test`.
# Augmentation is the recipe's.
dataset_type = "CamVidDataset"
data_root = "data/camvid"
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
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="SeededInfiniteSampler"),
    dataset=dict(
        type="SeededDataset",
        dataset=dict(
            type=dataset_type,
            data_root=data_root,
            data_prefix=dict(img_path="train", seg_map_path="trainannot"),
            pipeline=train_pipeline,
        ),
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path="val", seg_map_path="valannot"),
        pipeline=test_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path="test", seg_map_path="testannot"),
        pipeline=test_pipeline,
    ),
)
# The dataset has eleven names and void is label 11, so the metric sees neither void pixels nor the void output.
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"], ignore_index=11)
test_evaluator = val_evaluator

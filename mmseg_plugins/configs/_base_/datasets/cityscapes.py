# Cityscapes fine, 2048x1024: trained on `train`, validated and tested on `val` (the test labels are not public).
# Full images; size and augmentation are the recipe's.
_base_ = "./loaders.py"
cityscapes = dict(type="CityscapesDataset", data_root="data/cityscapes")
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            **cityscapes,
            data_prefix=dict(img_path="leftImg8bit/train", seg_map_path="gtFine/train"),
            pipeline=train_pipeline,
        )
    )
)
val_dataloader = dict(
    dataset=dict(**cityscapes, data_prefix=dict(img_path="leftImg8bit/val", seg_map_path="gtFine/val"))
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

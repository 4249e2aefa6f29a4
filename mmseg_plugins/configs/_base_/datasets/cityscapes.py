# Cityscapes fine, 2048x1024: trained on `train`, validated and tested on `val` (the test labels are not public).
_base_ = "./loaders.py"
cityscapes = dict(type="CityscapesDataset", data_root="data/cityscapes")
train_dataloader = dict(
    dataset=dict(
        dataset=dict(**cityscapes, data_prefix=dict(img_path="leftImg8bit/train", seg_map_path="gtFine/train"))
    )
)
val_dataloader = dict(
    dataset=dict(**cityscapes, data_prefix=dict(img_path="leftImg8bit/val", seg_map_path="gtFine/val"))
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

# PASCAL Context, pictures of many sizes, 59 classes: trained on `train`, validated and tested on `val`.
# In the label maps background is 0; `PascalContextDataset59` leaves it out.
_base_ = "./loaders.py"
pascal_context = dict(type="PascalContextDataset59", data_root="data/pascal_context")
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            **pascal_context,
            ann_file="ImageSets/SegmentationContext/train.txt",
            data_prefix=dict(img_path="JPEGImages", seg_map_path="SegmentationClassContext"),
        )
    )
)
val_dataloader = dict(
    dataset=dict(
        **pascal_context,
        ann_file="ImageSets/SegmentationContext/val.txt",
        data_prefix=dict(img_path="JPEGImages", seg_map_path="SegmentationClassContext"),
    )
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

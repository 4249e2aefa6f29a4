# PASCAL VOC 2012, pictures of many sizes: trained on `train` (1464), validated and tested on `val` (1449).
# `ImageSets/Segmentation` also lists trainval (2913), train_aug (10582, labels in SegmentationClassAug: VOC's where it
# has them), sbd (11355, labels in SegmentationClassSBD: SBD's own, without void), its own list sbd_train (8498) and
# val_not_in_sbd (346).
_base_ = "./loaders.py"
voc2012 = dict(type="PascalVOCDataset", data_root="data/voc2012")
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            **voc2012,
            ann_file="ImageSets/Segmentation/train.txt",
            data_prefix=dict(img_path="JPEGImages", seg_map_path="SegmentationClass"),
        )
    )
)
val_dataloader = dict(
    dataset=dict(
        **voc2012,
        ann_file="ImageSets/Segmentation/val.txt",
        data_prefix=dict(img_path="JPEGImages", seg_map_path="SegmentationClass"),
    )
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

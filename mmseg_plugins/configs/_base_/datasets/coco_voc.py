# MS COCO 2017 with the classes of PASCAL VOC, to pretrain on: pictures of `train`, validated and tested on `val`.
_base_ = "./loaders.py"
coco_voc = dict(type="PascalVOCDataset", data_root="data/coco_voc")
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            **coco_voc,
            ann_file="train.txt",
            data_prefix=dict(img_path="images/train2017", seg_map_path="labels/train2017"),
        )
    )
)
val_dataloader = dict(
    dataset=dict(
        **coco_voc, ann_file="val.txt", data_prefix=dict(img_path="images/val2017", seg_map_path="labels/val2017")
    )
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

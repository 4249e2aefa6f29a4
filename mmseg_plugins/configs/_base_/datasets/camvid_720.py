# CamVid, 960x720 as released: trained on `train` (367), validated on `val` (101), tested on `test` (233).
_base_ = "./loaders.py"
camvid_720 = dict(
    type="CamVidDataset", data_root="data/camvid_720", data_prefix=dict(img_path="images", seg_map_path="labels")
)
train_dataloader = dict(dataset=dict(dataset=dict(**camvid_720, ann_file="splits/train.txt")))
val_dataloader = dict(dataset=dict(**camvid_720, ann_file="splits/val.txt"))
test_dataloader = dict(dataset=dict(**camvid_720, ann_file="splits/test.txt"))
# The dataset has eleven names and void is label 11, so the metric sees neither void pixels nor the void output.
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"], ignore_index=11)
test_evaluator = val_evaluator

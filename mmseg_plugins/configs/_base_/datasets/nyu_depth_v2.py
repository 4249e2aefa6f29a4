# NYU Depth v2, 640x480, 40 classes: trained on `train` (795), validated and tested on `test` (654).
_base_ = "./loaders.py"
nyu_depth_v2 = dict(type="NYUDepthV2Dataset", data_root="data/nyu_depth_v2")
train_dataloader = dict(
    dataset=dict(dataset=dict(**nyu_depth_v2, data_prefix=dict(img_path="images/train", seg_map_path="labels/train")))
)
val_dataloader = dict(
    dataset=dict(**nyu_depth_v2, data_prefix=dict(img_path="images/test", seg_map_path="labels/test"))
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

# CamVid, 480x360: trained on `train`, validated on `val`, tested on `test`.
_base_ = "./loaders.py"
camvid = dict(type="CamVidDataset", data_root="data/camvid")
train_dataloader = dict(
    dataset=dict(dataset=dict(**camvid, data_prefix=dict(img_path="train", seg_map_path="trainannot")))
)
val_dataloader = dict(dataset=dict(**camvid, data_prefix=dict(img_path="val", seg_map_path="valannot")))
test_dataloader = dict(dataset=dict(**camvid, data_prefix=dict(img_path="test", seg_map_path="testannot")))
# The dataset has eleven names and void is label 11, so the metric sees neither void pixels nor the void output.
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"], ignore_index=11)
test_evaluator = val_evaluator

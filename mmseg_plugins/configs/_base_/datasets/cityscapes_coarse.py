# Cityscapes with coarse annotations, 2048x1024, to pretrain on: trained on `train_extra` but for the images that the
# dataset's manifest calls bad, validated and tested on `val`, whose coarse labels are published too.
_base_ = "./loaders.py"
cityscapes_coarse = dict(type="CityscapesCoarseDataset", data_root="data/cityscapes_coarse")
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            **cityscapes_coarse,
            data_prefix=dict(img_path="leftImg8bit/train_extra", seg_map_path="gtCoarse/train_extra"),
        )
    )
)
val_dataloader = dict(
    dataset=dict(**cityscapes_coarse, data_prefix=dict(img_path="leftImg8bit/val", seg_map_path="gtCoarse/val"))
)
test_dataloader = val_dataloader
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"])
test_evaluator = val_evaluator

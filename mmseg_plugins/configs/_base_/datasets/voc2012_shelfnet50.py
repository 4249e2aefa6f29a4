# PASCAL VOC 2012 as the authors of ShelfNet50 train on it in the last stage: `trainval` (2913), so the figures of `val`
# are those of training images.
_base_ = ["./voc2012.py", "./shelfnet50_pipelines.py"]

from mmseg_plugins.training.epochs import batches_per_epoch

train_dataloader = dict(
    batch_size=12,
    dataset=dict(
        dataset=dict(
            ann_file="ImageSets/Segmentation/trainval.txt",
            pipeline=_base_.shelfnet50_pipelines.voc,
        )
    ),
)
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("voc2012", "trainval", train_dataloader["batch_size"], drop_last=True)
val_dataloader = dict(dataset=dict(pipeline=_base_.shelfnet50_validation.pascal))

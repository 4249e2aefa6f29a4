# LadderDenseNet-169 4x AUG (table 6): trained on the augmented list. Its length is not stated; it is that of `train`.
_base_ = "./ladder_densenet169_2017.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            ann_file="ImageSets/Segmentation/train_aug.txt",
            data_prefix=dict(seg_map_path="SegmentationClassAug"),
        )
    )
)
epoch = batches_per_epoch("voc2012", "train_aug", _base_.train_dataloader.batch_size, drop_last=True)
train_cfg = dict(val_interval=epoch)

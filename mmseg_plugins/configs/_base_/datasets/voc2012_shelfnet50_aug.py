# The stage before: all images that SBD labels, its training and validation list together (11355).
# The paper prints 10582, the number of images without those of VOC's `val`.
_base_ = "./voc2012_shelfnet50.py"

from mmseg_plugins.training.epochs import batches_per_epoch

train_dataloader = dict(
    dataset=dict(
        dataset=dict(ann_file="ImageSets/Segmentation/sbd.txt", data_prefix=dict(seg_map_path="SegmentationClassSBD"))
    )
)
epoch = batches_per_epoch("voc2012", "sbd", _base_.train_dataloader.batch_size, drop_last=True)

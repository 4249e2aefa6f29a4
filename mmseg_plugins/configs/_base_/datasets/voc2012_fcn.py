# PASCAL VOC 2012 as the authors of dilated FCN-2s feed it: one whole picture at a time, never changed, in random order.
# They draw with replacement; the suite's sampler goes through all pictures before it takes one again.
# Validated and tested on the 346 pictures of `val` that are not in SBD, which the second stage trains on.
_base_ = "./voc2012.py"
train_dataloader = dict(batch_size=1, dataset=dict(dataset=dict(pipeline=_base_.test_pipeline)))
val_dataloader = dict(dataset=dict(ann_file="ImageSets/Segmentation/val_not_in_sbd.txt"))
test_dataloader = val_dataloader

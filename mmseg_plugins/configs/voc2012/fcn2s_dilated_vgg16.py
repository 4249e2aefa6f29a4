# Dilated FCN-2s on PASCAL VOC 2012, the second stage: the 8498 pictures of SBD's own list `train`. The authors' written
# instructions for this stage change layer and folder and leave the list as it is; an earlier abstract speaks of SBD's
# training and validation pictures, which are 11355. One of the authors' files speaks of 400000 iterations; their
# training program does 200000.
_base_ = "./fcn2s_dilated_vgg16_voc_train.py"
load_from = "results/voc2012/fcn2s_dilated_vgg16_voc_train/retrained/seed0/weights.pth"
model = dict(backbone=dict(init_cfg=None))
train_dataloader = dict(
    dataset=dict(
        dataset=dict(
            ann_file="ImageSets/Segmentation/sbd_train.txt", data_prefix=dict(seg_map_path="SegmentationClassSBD")
        )
    )
)
train_cfg = dict(max_iters=200000)

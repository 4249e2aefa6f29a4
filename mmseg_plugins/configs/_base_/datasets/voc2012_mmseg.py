# PASCAL VOC 2012 as MMSegmentation's own recipes feed it: trained on VOC with SBD (10582 images), scaled by 0.5 to 2 of
# a short side of 512, crops of 512x512, photometric distortion. Tested on the pictures as they are; they enlarge them.
_base_ = "./voc2012.py"
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomResize", scale=(2048, 512), ratio_range=(0.5, 2.0), keep_ratio=True),
    dict(type="RandomCrop", crop_size=(512, 512), cat_max_ratio=0.75),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PhotoMetricDistortion"),
    dict(type="Pad", size=(512, 512)),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(
    batch_size=4 * 4,  # the recipes' four GPUs have 4 each
    dataset=dict(
        dataset=dict(
            ann_file="ImageSets/Segmentation/train_aug.txt",
            data_prefix=dict(seg_map_path="SegmentationClassAug"),
            pipeline=train_pipeline,
        )
    ),
)

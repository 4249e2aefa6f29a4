# ShelfNet101 on COCO with the classes of PASCAL VOC, the stage before voc2012/shelfnet101_aug.py.
_base_ = "./shelfnet50.py"
model = dict(backbone=dict(depth=101, init_cfg=dict(weights="ResNet101_Weights.IMAGENET1K_V1")))

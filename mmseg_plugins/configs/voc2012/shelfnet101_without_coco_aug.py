# ShelfNet101 on VOC with SBD's labels, from ImageNet's weights; the stage before
# voc2012/shelfnet101_without_coco.py.
_base_ = "./shelfnet50_without_coco_aug.py"
load_from = None
model = dict(backbone=dict(depth=101, init_cfg=dict(weights="ResNet101_Weights.IMAGENET1K_V1")))

# ShelfNet50 on VOC with SBD's labels, from ImageNet's weights; the stage before voc2012/shelfnet50_without_coco.py.
_base_ = "./shelfnet50_aug.py"
load_from = None
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")))

# ShelfNet101 on VOC, the last stage after VOC with SBD's labels.
_base_ = "./shelfnet50_without_coco.py"
load_from = "results/voc2012/shelfnet101_without_coco_aug/retrained/seed0/weights.pth"
model = dict(backbone=dict(depth=101))

# ShelfNet101 on VOC, the last stage after COCO and VOC with SBD's labels.
_base_ = "./shelfnet50.py"
load_from = "results/voc2012/shelfnet101_aug/retrained/seed0/weights.pth"
model = dict(backbone=dict(depth=101))

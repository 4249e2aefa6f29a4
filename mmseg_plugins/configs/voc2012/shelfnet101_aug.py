# ShelfNet101 on VOC with SBD's labels, from COCO's weights; the stage before voc2012/shelfnet101.py.
_base_ = "./shelfnet50_aug.py"
load_from = "results/coco_voc/shelfnet101/retrained/seed0/weights.pth"
model = dict(backbone=dict(depth=101))

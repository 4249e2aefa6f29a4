# ShelfNet50 on VOC, the last stage after VOC with SBD's labels.
_base_ = "./shelfnet50.py"
load_from = "results/voc2012/shelfnet50_without_coco_aug/retrained/seed0/weights.pth"

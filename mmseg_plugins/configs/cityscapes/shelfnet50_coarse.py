# ShelfNet50 on finely labelled Cityscapes, from the weights that coarsely labelled Cityscapes gave.
_base_ = "./shelfnet50.py"
load_from = "results/cityscapes_coarse/shelfnet50/retrained/seed0/weights.pth"
model = dict(backbone=dict(init_cfg=None))

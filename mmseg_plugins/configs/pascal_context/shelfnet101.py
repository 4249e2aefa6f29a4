# ShelfNet101 on PASCAL Context.
_base_ = "./shelfnet50.py"
model = dict(backbone=dict(depth=101, init_cfg=dict(weights="ResNet101_Weights.IMAGENET1K_V1")))

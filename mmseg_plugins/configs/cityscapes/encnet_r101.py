# EncNet on ResNet-101.
_base_ = "./encnet_r50.py"
model = dict(backbone=dict(depth=101))

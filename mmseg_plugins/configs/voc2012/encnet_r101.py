# EncNet on ResNet-101. ShelfNet's paper names no backbone for the EncNet that it timed; this is that of its PSPNet.
_base_ = "./encnet_r50.py"
model = dict(backbone=dict(depth=101))

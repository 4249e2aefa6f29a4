# PSPNet on ResNet-101: what ShelfNet's authors timed. The paper names no backbone; the commands of their README do.
_base_ = "./pspnet_r50.py"
model = dict(backbone=dict(depth=101))

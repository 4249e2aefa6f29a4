# PSPNet on ResNet-101: what ESPNet's abstract compares with. It names no backbone; the stated 180 times smaller size
# fits this one, counted without the auxiliary head.
_base_ = "./pspnet_r50.py"
model = dict(backbone=dict(depth=101))

# Dilated FCN-2s on VGG19.
_base_ = "fcn2s_dilated_vgg16.py"
model = dict(backbone=dict(depth=19))

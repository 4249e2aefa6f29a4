# FCN-8s on VGG16 (Long et al., CVPR 2015), the baseline of dilated FCN-2s.
_base_ = "fcn2s_dilated_vgg16.py"
model = dict(backbone=dict(dilated=False), decode_head=dict(type="FCN8sHead"))

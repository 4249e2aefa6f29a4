# FCN-8s (Long et al., CVPR 2015) trained as dilated FCN-2s is, its stated baseline: first stage. Its own authors train
# it otherwise, from FCN-16s. Its skips are not scaled down: whether they bear this rate at once is not known.
_base_ = "./fcn2s_dilated_vgg16_voc_train.py"
model = dict(backbone=dict(dilated=False), decode_head=dict(type="FCN8sHead"))

# FCN-8s trained as dilated FCN-2s is, its stated baseline: second stage.
_base_ = "./fcn2s_dilated_vgg16.py"
load_from = "results/voc2012/fcn8s_vgg16_voc_train/retrained/seed0/weights.pth"
model = dict(backbone=dict(dilated=False), decode_head=dict(type="FCN8sHead"))

_base_ = "./fcn2s_dilated_vgg16.py"
load_from = "results/voc2012/fcn2s_dilated_vgg19_voc_train/retrained/seed0/weights.pth"
model = dict(backbone=dict(depth=19))

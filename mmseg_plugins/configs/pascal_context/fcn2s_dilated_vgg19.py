_base_ = "./fcn2s_dilated_vgg16.py"
model = dict(backbone=dict(depth=19, init_cfg=dict(weights="VGG19_Weights.IMAGENET1K_V1")))

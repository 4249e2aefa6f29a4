_base_ = "./ldn121.py"
model = dict(
    backbone=dict(depth=201, init_cfg=dict(weights="DenseNet201_Weights.IMAGENET1K_V1")), decode_head=dict(depth=201)
)

_base_ = "./ldn121.py"
model = dict(
    backbone=dict(depth=161, init_cfg=dict(weights="DenseNet161_Weights.IMAGENET1K_V1")), decode_head=dict(depth=161)
)

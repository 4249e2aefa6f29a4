_base_ = "./ldn121.py"
model = dict(
    backbone=dict(depth=169, init_cfg=dict(weights="DenseNet169_Weights.IMAGENET1K_V1")), decode_head=dict(depth=169)
)

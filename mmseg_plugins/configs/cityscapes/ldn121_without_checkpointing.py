# Ladder DenseNet-121 whose maps are kept rather than computed again: what checkpointing is compared with.
_base_ = "./ldn121.py"
model = dict(backbone=dict(checkpointing=False), decode_head=dict(checkpointing=False))

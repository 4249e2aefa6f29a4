# ESPNet-C: the encoder with a classifier of its own, logits at 1/8 of the resolution.
_base_ = "./espnet_p2q8.py"
model = dict(
    decode_head=dict(_delete_=True, type="ESPNetCHead", num_classes=20, loss_decode=dict(type="CrossEntropyLoss"))
)

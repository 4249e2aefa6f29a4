# ResNet-50 32x (table 1): no ladder, logits of the context at 1/32, one loss. A reading of the paper, as for DenseNet.
_base_ = "./ladder_resnet50_2017.py"
model = dict(
    decode_head=dict(in_channels=[256], in_index=[-1], loss_decode=dict(loss_weight=1.0)),
    auxiliary_head=None,
)

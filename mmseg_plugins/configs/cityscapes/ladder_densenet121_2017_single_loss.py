# LadderDenseNet-121 4x single loss (table 1): no auxiliary head.
_base_ = "./ladder_densenet121_2017.py"
model = dict(auxiliary_head=None, decode_head=dict(loss_decode=dict(loss_weight=1.0)))

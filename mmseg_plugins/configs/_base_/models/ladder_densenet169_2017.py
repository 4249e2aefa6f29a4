# LadderDenseNet-169 of 2017 (paper, figure 1).
_base_ = "./ladder_densenet121_2017.py"
model = dict(
    backbone=dict(depth=169),
    neck=dict(in_channels=1664),
    decode_head=dict(in_channels=[256, 512, 1280, 1152, 128]),
)

# LadderDenseNet-169 4x SPP (table 1), from disabled lines of the authors' code: three levels go with the split of block
# 4 there. That the auxiliary loss is on the pyramid is a reading.
_base_ = "./ladder_densenet169_2017.py"
model = dict(
    neck=dict(type="LadderPyramid2017", levels=3),
    decode_head=dict(in_channels=[256, 512, 1280, 1152, 256]),
    auxiliary_head=dict(in_channels=256),
)

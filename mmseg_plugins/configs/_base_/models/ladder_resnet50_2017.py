# Ladder ResNet-50 of 2017: no split, context at 1/32, three transitions up of their own kind.
_base_ = "./ladder_densenet121_2017.py"
data_preprocessor = dict(bgr_to_rgb=False)  # the Caffe weights that it starts from take BGR
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(_delete_=True, type="LadderResNet2017"),
    neck=dict(_delete_=True, type="LadderResNetContext2017"),
    decode_head=dict(type="LadderResNetHead2017", in_channels=[256, 512, 1024, 256]),
    auxiliary_head=dict(in_channels=256),
)

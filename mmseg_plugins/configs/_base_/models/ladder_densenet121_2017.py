# LadderDenseNet-121 of 2017: dense block 4 split, context at 1/64, four transitions up, auxiliary loss on the context.
# A config sets num_classes of both heads and the input's mean and std.
data_preprocessor = dict(type="SegDataPreProcessor", bgr_to_rgb=True, size_divisor=1)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="SplitDenseNet2017", depth=121),
    neck=dict(type="LadderContext2017", in_channels=1024),
    decode_head=dict(
        type="LadderHead2017",
        in_channels=[256, 512, 1024, 768, 128],
        num_classes=19,
        loss_decode=dict(type="CrossEntropyLoss", avg_non_ignore=True, loss_weight=0.7),
    ),
    auxiliary_head=dict(
        type="LadderAuxiliaryHead2017",
        num_classes=19,
        loss_decode=dict(type="CrossEntropyLoss", avg_non_ignore=True, loss_weight=0.3),
    ),
    test_cfg=dict(mode="whole"),
)

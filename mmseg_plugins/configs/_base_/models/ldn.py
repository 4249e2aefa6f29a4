# Ladder DenseNet. A config sets the depth of both parts, num_classes and the input's mean and std.
data_preprocessor = dict(
    type="SegDataPreProcessor",
    bgr_to_rgb=True,
    size_divisor=64,
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="LDNEncoder", depth=121),
    decode_head=dict(
        type="LDNHead", depth=121, num_classes=19, loss_decode=dict(type="CrossEntropyLoss", avg_non_ignore=True)
    ),
    test_cfg=dict(mode="whole"),
)

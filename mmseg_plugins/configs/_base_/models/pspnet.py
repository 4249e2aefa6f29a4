# PSPNet on ResNet-50, built from MMSegmentation's modules as its own config does, but with batch norms of each GPU's
# own (SyncBN does not run on the CPU) and without ImageNet's weights. A config sets depth and num_classes.
norm_cfg = dict(type="BN")
data_preprocessor = dict(
    type="SegDataPreProcessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    size=(512, 1024),
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="ResNetV1c", depth=50, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), contract_dilation=True),
    decode_head=dict(type="PSPHead", in_index=3, in_channels=2048, channels=512, num_classes=19, norm_cfg=norm_cfg),
    auxiliary_head=dict(
        type="FCNHead",
        in_index=2,
        in_channels=1024,
        channels=256,
        num_convs=1,
        concat_input=False,
        num_classes=19,
        norm_cfg=norm_cfg,
        loss_decode=dict(type="CrossEntropyLoss", loss_weight=0.4),
    ),
    test_cfg=dict(mode="whole"),
)

# ShelfNet50 without auxiliary heads, as on Cityscapes. A config sets depth and num_classes.
data_preprocessor = dict(
    type="SegDataPreProcessor",
    mean=[123.675, 116.28, 103.53],  # of ImageNet
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    size_divisor=32,
    test_cfg=dict(size_divisor=32),
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="ShelfNetResNet", depth=50),
    neck=dict(type="ShelfNetNeck"),
    decode_head=dict(
        type="FCNHead",
        in_index=0,
        in_channels=64,
        channels=64,
        num_classes=19,
        num_convs=0,
        concat_input=False,
        dropout_ratio=0,
        align_corners=True,
        init_cfg=None,  # PyTorch's
        loss_decode=dict(type="CrossEntropyLoss", avg_non_ignore=True),
    ),
    test_cfg=dict(mode="whole"),
)
# The decoder's first block is built and never called, as in the authors' code: on several GPUs it gets no gradient.
find_unused_parameters = True

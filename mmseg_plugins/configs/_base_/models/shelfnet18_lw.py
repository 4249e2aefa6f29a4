# ShelfNet18-lw: the auxiliary heads are those at 1/16 and 1/32.
data_preprocessor = dict(
    type="SegDataPreProcessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    size_divisor=32,
    test_cfg=dict(size_divisor=32),
)
loss = dict(type="ShelfNetOHEMLoss", thresh=0.7, pixels_per_kept=16)  # for each of the three heads
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="ShelfNetLWResNet", depth=18),
    neck=dict(type="ShelfNetLWNeck", channels=64, dropout=0.1),
    decode_head=dict(type="ShelfNetLWHead", in_index=0, in_channels=64, channels=64, num_classes=19, loss_decode=loss),
    auxiliary_head=[
        dict(type="ShelfNetLWHead", in_index=1, in_channels=128, channels=64, num_classes=19, loss_decode=loss),
        dict(type="ShelfNetLWHead", in_index=2, in_channels=256, channels=64, num_classes=19, loss_decode=loss),
    ],
    test_cfg=dict(mode="whole"),
)
# The decoder's first block is built and never called, as in the authors' code: on several GPUs it gets no gradient.
find_unused_parameters = True

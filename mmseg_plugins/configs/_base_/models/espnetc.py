# ESPNet-C: the encoder with a classifier of its own, whose logits and truth are at 1/8 of the resolution. A config sets
# q, num_classes and the input's mean and std.
data_preprocessor = dict(
    type="SegDataPreProcessor",
    bgr_to_rgb=False,  # the authors read with OpenCV and keep its channel order
    size_divisor=8,
    test_cfg=dict(size_divisor=8),
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="ESPNetEncoder", p=2, q=8),
    decode_head=dict(type="ESPNetCHead", num_classes=20, loss_decode=dict(type="CrossEntropyLoss")),
    test_cfg=dict(mode="whole"),
)

# Dilated FCN-2s on VGG16: https://arxiv.org/abs/1707.08254. A config sets num_classes.
data_preprocessor = dict(
    type="SegDataPreProcessor",
    mean=[104.00698793, 116.66876762, 122.67891434],  # of ImageNet, in BGR as the authors feed it
    std=[1, 1, 1],
    bgr_to_rgb=False,
    size_divisor=1,
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    backbone=dict(type="FullyConvolutionalVGG", depth=16, dilated=True),
    # The authors sum the loss over the valid pixels of one image.
    decode_head=dict(type="FCN2sHead", num_classes=21, loss_decode=dict(type="CrossEntropyLoss", reduction="sum")),
    test_cfg=dict(mode="whole"),
)

# ICNet on ResNet-50, built from MMSegmentation's modules as its own config does, with PSPNet's input and backbone.
_base_ = "./pspnet.py"
norm_cfg = _base_.norm_cfg
data_preprocessor = dict(size=(832, 832))
head = dict(
    type="FCNHead",
    in_channels=128,
    channels=128,
    num_convs=1,
    concat_input=False,
    num_classes=19,
    norm_cfg=norm_cfg,
)
loss = dict(type="CrossEntropyLoss", loss_weight=0.4)
model = dict(
    data_preprocessor=data_preprocessor,
    backbone=dict(
        _delete_=True,
        type="ICNet",
        backbone_cfg=_base_.model.backbone,
        norm_cfg=norm_cfg,
    ),
    neck=dict(type="ICNeck", in_channels=(64, 256, 256), out_channels=128, norm_cfg=norm_cfg),
    decode_head=dict(_delete_=True, in_index=2, dropout_ratio=0, **head),
    auxiliary_head=[dict(in_index=0, loss_decode=loss, **head), dict(in_index=1, loss_decode=loss, **head)],
)

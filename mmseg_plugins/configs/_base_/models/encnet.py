# EncNet: PSPNet's backbone and auxiliary head, with MMSegmentation's EncNet head.
_base_ = "./pspnet.py"
model = dict(
    decode_head=dict(
        _delete_=True,
        type="EncHead",
        in_index=(1, 2, 3),
        in_channels=(512, 1024, 2048),
        channels=512,
        num_classes=19,
        norm_cfg=_base_.norm_cfg,
    )
)

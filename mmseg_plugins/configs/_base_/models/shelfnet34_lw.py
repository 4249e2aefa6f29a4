# ShelfNet34-lw: twice the channels of ShelfNet18-lw on the shelf, no lateral convolutions, no dropout.
_base_ = "shelfnet18_lw.py"
model = dict(
    backbone=dict(depth=34),
    neck=dict(channels=128, dropout=0.0),
    decode_head=dict(in_channels=128, channels=128),
    auxiliary_head=[
        {**head, "in_channels": channels}
        for head, channels in zip(_base_.model.auxiliary_head, (256, 512), strict=True)
    ],
)

# ShelfNet34-lw: twice the channels of ShelfNet18-lw on the shelf, no lateral convolutions, no dropout.
_base_ = "shelfnet18_lw.py"
loss = dict(type="CrossEntropyLoss", avg_non_ignore=True)
model = dict(
    backbone=dict(depth=34),
    neck=dict(channels=128, dropout=0.0),
    decode_head=dict(in_channels=128, channels=128),
    auxiliary_head=[
        dict(type="ShelfNetLWHead", in_index=1, in_channels=256, channels=64, num_classes=19, loss_decode=loss),
        dict(type="ShelfNetLWHead", in_index=2, in_channels=512, channels=64, num_classes=19, loss_decode=loss),
    ],
)

# ShelfNet50 with both auxiliary heads, as on PASCAL VOC: presence of classes from the ladder's map at 1/32, and
# logits from the backbone's at 1/16.
_base_ = "shelfnet50.py"
model = dict(
    decode_head=dict(num_classes=21),
    auxiliary_head=[
        dict(
            type="ShelfNetSEHead",
            in_index=3,
            num_classes=21,
            loss_decode=dict(type="CrossEntropyLoss", use_sigmoid=True, loss_weight=0.2, loss_name="loss_se"),
        ),
        dict(
            type="ShelfNetAuxHead",
            in_index=6,
            num_classes=21,
            loss_decode=dict(type="CrossEntropyLoss", avg_non_ignore=True, loss_weight=0.5),
        ),
    ],
)

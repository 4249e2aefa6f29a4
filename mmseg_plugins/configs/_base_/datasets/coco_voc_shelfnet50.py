# COCO with the classes of PASCAL VOC as the authors of ShelfNet50 train on it.
_base_ = ["./coco_voc.py", "./shelfnet50_pipelines.py"]
train_dataloader = dict(
    batch_size=12,
    dataset=dict(dataset=dict(pipeline=_base_.shelfnet50_pipelines.voc)),
)
# Which pictures are left is known once the dataset is prepared, so no manifest has their number; they make 7709 whole
# batches, and the authors leave out one that is not.
epoch = 7709
val_dataloader = dict(dataset=dict(pipeline=_base_.shelfnet50_validation.pascal))

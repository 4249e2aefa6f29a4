# PASCAL Context as the authors of ShelfNet50 train on it.
_base_ = ["./pascal_context.py", "./shelfnet50_pipelines.py"]

from mmseg_plugins.training.epochs import batches_per_epoch

train_dataloader = dict(
    batch_size=12,
    dataset=dict(dataset=dict(pipeline=_base_.shelfnet50_pipelines.pascal_context)),
)
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("pascal_context", "train", train_dataloader["batch_size"], drop_last=True)
val_dataloader = dict(dataset=dict(pipeline=_base_.shelfnet50_validation.pascal))

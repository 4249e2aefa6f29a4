# Coarsely labelled Cityscapes as the authors of ShelfNet50 train on it.
_base_ = ["./cityscapes_coarse.py", "./shelfnet50_pipelines.py"]

from mmseg_plugins.training.epochs import batches_per_epoch

train_dataloader = dict(
    batch_size=12,
    dataset=dict(dataset=dict(pipeline=_base_.shelfnet50_pipelines.cityscapes_coarse)),
)
# The authors leave out a last batch that is not whole.
epoch = batches_per_epoch("cityscapes_coarse", "train_extra", train_dataloader["batch_size"], drop_last=True)
val_dataloader = dict(dataset=dict(pipeline=_base_.shelfnet50_validation.cityscapes_coarse))

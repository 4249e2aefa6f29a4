# Coarsely labelled Cityscapes as the authors of ShelfNet50 train on it.
_base_ = ["./cityscapes_coarse.py", "./shelfnet50_pipelines.py"]
train_dataloader = dict(
    batch_size=12,
    dataset=dict(dataset=dict(pipeline=_base_.shelfnet50_pipelines.cityscapes_coarse)),
)

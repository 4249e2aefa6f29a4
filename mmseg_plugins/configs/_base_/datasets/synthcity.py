# synthcity, 512x256, in the layout of Cityscapes; trained on half-width crops.
_base_ = "./cityscapes.py"
data_root = "data/synthcity"
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomCrop", crop_size=(256, 256)),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
# Reading an uncompressed picture takes next to nothing, and loader workers would compete for the network's cores.
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(dataset=dict(data_root=data_root, pipeline=train_pipeline)),
)
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader

# synthcity, 512x256, in the layout of Cityscapes.
_base_ = "./cityscapes.py"
data_root = "data/synthcity"
train_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root)))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader

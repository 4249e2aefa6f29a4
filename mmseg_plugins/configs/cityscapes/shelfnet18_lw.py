# ShelfNet18-lw on Cityscapes.
_base_ = [
    "../_base_/models/shelfnet18_lw.py",
    "../_base_/datasets/cityscapes_shelfnet_lw.py",
    "../_base_/schedules/shelfnet_lw.py",
    "../_base_/runtime/default.py",
]
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet18_Weights.IMAGENET1K_V1")))
# The authors' two GPUs have 8 each.
train_dataloader = dict(batch_size=2 * 8)

# ShelfNet50 on COCO with the classes of PASCAL VOC, the stage before voc2012/shelfnet50_aug.py.
_base_ = [
    "../_base_/models/shelfnet50_aux_se.py",
    "../_base_/datasets/coco_voc_shelfnet50.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/best_accuracy_and_miou.py",
]
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")))
# The rate is the code's, of 0.01 for batches of 16, as on Cityscapes; the paper prints 0.01 for batches of 12.
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=30 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=30 * _base_.epoch, val_interval=_base_.epoch)

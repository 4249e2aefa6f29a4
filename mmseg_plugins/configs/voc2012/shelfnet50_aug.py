# ShelfNet50 on VOC with SBD's labels, from COCO's weights; the stage before voc2012/shelfnet50.py.
_base_ = [
    "../_base_/models/shelfnet50_aux_se.py",
    "../_base_/datasets/voc2012_shelfnet50_aug.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/best_accuracy_and_miou.py",
]
load_from = "results/coco_voc/shelfnet50/retrained/seed0/weights.pth"
# The code's rate; the paper prints 0.01.
optim_wrapper = dict(optimizer=dict(lr=1e-3 / 16 * 12))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=50 * _base_.epoch + 1, by_epoch=False)]
train_cfg = dict(max_iters=50 * _base_.epoch, val_interval=_base_.epoch)

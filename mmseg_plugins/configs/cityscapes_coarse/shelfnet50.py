# ShelfNet50 on coarsely labelled Cityscapes, the stage before cityscapes/shelfnet50_coarse.py. The command line in the
# authors' readme asks for a step: a tenth of the rate from epoch 35 of the code's 60. Its prose says that the rate
# remains constant, and that the paper's training was stopped by hand at epoch 35 of 500. The paper says 30 epochs, with
# batches of 6 and a rate of 0.01. (The command as printed stops on another option, --diflr False.)
_base_ = [
    "../_base_/models/shelfnet50.py",
    "../_base_/datasets/cityscapes_coarse_shelfnet50.py",
    "../_base_/schedules/shelfnet50.py",
    "../_base_/runtime/best_accuracy_and_miou.py",
]
model = dict(backbone=dict(init_cfg=dict(type="ImageNetInit", weights="ResNet50_Weights.IMAGENET1K_V1")))
param_scheduler = [dict(type="MultiStepLR", milestones=[35 * _base_.epoch], gamma=0.1, by_epoch=False)]
train_cfg = dict(max_iters=60 * _base_.epoch, val_interval=_base_.epoch)

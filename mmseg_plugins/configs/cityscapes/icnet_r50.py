# ICNet on ResNet-50, after MMSegmentation's icnet_r50-d8_4xb2-80k_cityscapes-832x832.
_base_ = [
    "../_base_/models/icnet.py",
    "../_base_/datasets/cityscapes_mmseg.py",
    "../_base_/schedules/mmseg_80k.py",
    "../_base_/runtime/default.py",
]
train_pipeline = [
    dict(step, crop_size=(832, 832)) if step.type == "RandomCrop" else step for step in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))

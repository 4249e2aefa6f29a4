# NYU Depth v2 as the authors of dilated FCN-2s feed PASCAL VOC: one whole picture at a time, never changed.
_base_ = "./nyu_depth_v2.py"
train_dataloader = dict(batch_size=1, dataset=dict(dataset=dict(pipeline=_base_.test_pipeline)))

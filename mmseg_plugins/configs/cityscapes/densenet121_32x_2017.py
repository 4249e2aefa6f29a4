# DenseNet-121 32x (table 1): no split and no ladder, logits of the context at 1/32. Not in the authors' code: that it
# has the dilated context and one loss is a reading of the paper.
_base_ = "./ladder_densenet121_2017_single_loss.py"
model = dict(backbone=dict(split_blocks=()), decode_head=dict(in_channels=[128], in_index=[-1]))

# Dilated 8x DenseNet-121 4x (table 1), from disabled lines of the authors' code: blocks 3 and 4 stay at 1/8, one step
# up to block 1, one loss. That the context is the same as elsewhere is a reading.
_base_ = "./ladder_densenet121_2017_single_loss.py"
model = dict(
    backbone=dict(split_blocks=(), dilated=True),
    decode_head=dict(in_channels=[256, 128], in_index=[0, -1]),
)

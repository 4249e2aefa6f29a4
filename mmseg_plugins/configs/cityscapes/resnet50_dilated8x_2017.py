# Dilated 8x ResNet-50 4x (table 1), from disabled lines of the authors' code: groups 3 and 4 stay at 1/8, one step up
# to group 1, one loss.
_base_ = "./resnet50_32x_2017.py"
model = dict(backbone=dict(dilated=True), decode_head=dict(in_channels=[256, 256], in_index=[0, -1]))

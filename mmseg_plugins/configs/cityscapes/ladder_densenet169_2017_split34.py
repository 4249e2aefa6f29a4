# LadderDenseNet-169 4x split3+4 (table 1): block 3 is split as well, so the context is at 1/128. From the authors' code
# for two GPUs, which keeps the first batch norm.
_base_ = "./ladder_densenet169_2017.py"
model = dict(
    backbone=dict(split_blocks=(3, 4), first_norm=True),
    decode_head=dict(in_channels=[256, 512, 768, 1280, 1152, 128]),
)

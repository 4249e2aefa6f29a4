_base_ = "./espnet_p2q8.py"
load_from = "results/cityscapes/espnetc_p2q5/retrained/seed0/weights.pth"
model = dict(backbone=dict(q=5))

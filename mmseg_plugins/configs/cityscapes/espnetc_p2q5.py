_base_ = "./espnetc_p2q8.py"
model = dict(backbone=dict(q=5))

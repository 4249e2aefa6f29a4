# The smallest ESPNet on the embedded dataset.
_base_ = "./espnet_p2q8.py"
model = dict(backbone=dict(q=3))

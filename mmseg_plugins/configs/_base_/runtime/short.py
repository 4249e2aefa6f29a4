# For trainings of minutes: a checkpoint often enough that a killed one loses seconds.
_base_ = "./default.py"
default_hooks = dict(checkpoint=dict(interval=50))

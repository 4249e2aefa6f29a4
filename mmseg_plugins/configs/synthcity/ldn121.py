# Ladder DenseNet-121 from random weights on the embedded dataset, with all its losses. The authors' code would build
# another network where there are no ImageNet weights.
_base_ = [
    "../_base_/models/ldn.py",
    "../_base_/datasets/synthcity_ladder.py",
    "../_base_/schedules/short_ladder.py",
    "../_base_/runtime/short.py",
]
data_preprocessor = _base_.normalisation
model = dict(data_preprocessor=data_preprocessor, decode_head=dict(auxiliary_weight=0.3))

# LadderDenseNet-121 of 2017 from random weights on the embedded dataset, with both losses.
_base_ = [
    "../_base_/models/ladder_densenet121_2017.py",
    "../_base_/datasets/synthcity_ladder.py",
    "../_base_/schedules/short_ladder.py",
    "../_base_/runtime/short.py",
]
data_preprocessor = _base_.normalisation
model = dict(data_preprocessor=data_preprocessor)

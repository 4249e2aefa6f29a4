# LadderDenseNet-121 of 2017 from random weights on the embedded dataset, with both losses.
_base_ = [
    "../_base_/models/ladder_densenet121_2017.py",
    "../_base_/datasets/synthcity_ladder.py",
    "../_base_/schedules/short_ladder.py",
    "../_base_/runtime/short.py",
]
custom_imports = dict(
    imports=[*_base_.custom_imports.imports, "mmseg_plugins.datasets", "mmseg_plugins.ladder_densenet_2017"]
)
data_preprocessor = _base_.normalisation
model = dict(data_preprocessor=data_preprocessor)

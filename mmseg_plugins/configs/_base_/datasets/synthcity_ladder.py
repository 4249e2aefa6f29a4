# synthcity for the ladder networks, which are slower than ESPNet: small crops, of sides that are multiples of 64.
_base_ = "./synthcity.py"
# Averages over the training images of their channel means and channel standard deviations, RGB.
normalisation = dict(mean=[97.5, 95.4, 91.0], std=[42.4, 40.7, 45.5])
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations"),
    dict(type="RandomCrop", crop_size=(128, 192)),
    dict(type="RandomFlip", prob=0.5),
    dict(type="PackSegInputs"),
]
train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))

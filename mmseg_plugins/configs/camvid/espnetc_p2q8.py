# ESPNet-C on CamVid, the first stage of ESPNet; void learnt as the twelfth class. Only the authors' weights for CamVid
# are public, not how they were trained: what their code does on Cityscapes is taken over where the dataset says nothing
# else, here two stages, optimiser, rates, 300 epochs, batches of 12 and 6 and the form of the class weights.
_base_ = [
    "../_base_/models/espnetc.py",
    "../_base_/datasets/camvid_espnet.py",
    "../_base_/schedules/espnet.py",
    "../_base_/runtime/default.py",
]
# Averages over the training images of their channel means and channel standard deviations, BGR; the authors divide
# the normalised image by 255 as well. Their CamVid weights give the published figures with these values only.
data_preprocessor = dict(
    mean=[110.331, 108.409, 105.033],
    std=[255 * 72.1257, 255 * 72.6907, 255 * 69.9043],
)
model = dict(
    data_preprocessor=data_preprocessor,
    decode_head=dict(
        num_classes=12,
        # 1 / ln(1.10 + share of the class in the training pixels), as the authors' code counts them
        loss_decode=dict(
            class_weight=[
                4.1801,
                3.4995,
                9.5403,
                2.8743,
                7.4014,
                5.5550,
                9.4414,
                9.4785,
                6.7906,
                9.8908,
                10.2084,
                7.6584,
            ]
        ),
    ),
)
param_scheduler = [dict(type="StepLR", step_size=100 * _base_.epoch, gamma=0.5, by_epoch=False)]
train_cfg = dict(max_iters=300 * _base_.epoch, val_interval=10 * _base_.epoch)

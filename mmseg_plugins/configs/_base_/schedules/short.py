# Minutes on two CPU cores: enough for a small network to learn synthcity visibly.
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="AdamW", lr=1e-2, weight_decay=1e-4))
param_scheduler = [dict(type="PolyLR", power=0.9, eta_min=0, begin=0, end=1000, by_epoch=False)]
train_cfg = dict(type="IterBasedTrainLoop", max_iters=1000)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

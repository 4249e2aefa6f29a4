# For trainings of which the epoch with the best mean of pixel accuracy and mIoU on the validation split is handed on,
# not the last.
_base_ = "./default.py"
custom_hooks = [*_base_.custom_hooks, dict(type="BestOnValHook", metrics=["aAcc", "mIoU"])]

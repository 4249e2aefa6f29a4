"""Stops a training whose loss is not finite."""

import math
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch import Tensor

from segrepro.errors import SegReproError


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Stops at the first iteration whose loss is infinite or NaN, before it is saved."""

    priority = "VERY_HIGH"

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Tensor] | None = None
    ) -> None:
        """Checks the total loss and names the terms that are not finite.

        Raises:
            SegReproError: the total loss is not finite.
        """
        losses = {name: value.item() for name, value in (outputs or {}).items() if "loss" in name}
        if math.isfinite(losses["loss"]):
            return
        terms = [f"{name} = {value}" for name, value in losses.items() if name != "loss" and not math.isfinite(value)]
        raise SegReproError(
            f"{runner.cfg.filename}: training stopped at iteration {runner.iter + 1} (seed {runner.seed}):"
            f" found {', '.join(terms) or 'a sum of finite terms that overflowed'}; expected finite loss terms."
            " Lower the learning rate (optim_wrapper.optimizer.lr) or clip gradients (optim_wrapper.clip_grad)"
        )

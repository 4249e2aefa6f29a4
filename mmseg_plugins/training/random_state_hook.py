"""Saves the random state of the training process in checkpoints."""

from typing import Any

import torch
from mmengine.device import get_device
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from .random_state import random_state, set_random_state


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Stores the random generators that the network uses (dropout) in each checkpoint and restores them on resume.

    `SeededInfiniteSampler` and `SeededDataset` make the samples exact by position; this is the rest of the random
    state. Optimizer, schedules, AMP scaler, loss history and iteration number are in MMEngine's checkpoint anyway.
    """

    def __init__(self) -> None:
        self.resumed: dict[str, Any] | None = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Adds the entry `random_state`."""
        # Only for the device that trains, because a resumed process may see fewer devices.
        cuda = torch.cuda.get_rng_state() if get_device() == "cuda" else None
        checkpoint["random_state"] = random_state() | {"cuda": cuda}

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Remembers the entry `random_state`; pretrained weights have none."""
        self.resumed = checkpoint.get("random_state")

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Restores before the first iteration, not on loading: starting the data loader draws a number in between."""
        if self.resumed is not None:
            set_random_state(self.resumed)
            if self.resumed["cuda"] is not None:
                torch.cuda.set_rng_state(self.resumed["cuda"].cpu())
            self.resumed = None

"""Saves the random state of the training processes in checkpoints."""

from typing import Any

import numpy as np
import torch
from mmengine.device import get_device
from mmengine.dist import all_gather_object, get_rank
from mmengine.hooks import CheckpointHook, Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from .random_state import random_state, set_random_state


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Stores the random generators that the network uses (dropout) in each checkpoint and restores them on resume.

    `SeededInfiniteSampler` and `SeededDataset` make the samples exact by position; this is the rest of the random
    state. Optimizer, schedules, AMP scaler, loss history and iteration number are in MMEngine's checkpoint anyway.

    Several processes draw differently, each for its share of the batch. The first draws as a single process does.
    """

    def __init__(self) -> None:
        self.resumed: dict[str, Any] | None = None
        self.others: list[dict[str, Any]] = []
        """The states of the processes after the first, of the newest iteration that is saved."""
        self.started = False

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """Collects the states of all processes before a checkpoint, as the first one alone writes it."""
        if not runner.distributed:
            return
        (checkpoints,) = (hook for hook in runner.hooks if isinstance(hook, CheckpointHook))
        if self.every_n_train_iters(runner, checkpoints.interval) or self.is_last_train_iter(runner):
            self.others = all_gather_object(_state())[1:]

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Adds the entry `random_state`."""
        checkpoint["random_state"] = _state() | ({"others": self.others} if self.others else {})

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Remembers the entry `random_state`; pretrained weights have none."""
        self.resumed = checkpoint.get("random_state")

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Restores before the first iteration, not on loading: starting the data loader draws a number in between."""
        if self.started:
            return
        self.started = True
        states = [] if self.resumed is None else [self.resumed, *self.resumed.get("others", [])]
        rank = get_rank()
        if rank < len(states):
            set_random_state(states[rank])
            if states[rank]["cuda"] is not None:
                torch.cuda.set_rng_state(states[rank]["cuda"].cpu())
        elif rank:
            # Also a process that joins a training which fewer began.
            entropy = np.random.SeedSequence((runner.seed, rank, runner.iter))
            torch.manual_seed(int(entropy.generate_state(1)[0]))


def _state() -> dict[str, Any]:
    """Only the GPU that trains, because a resumed process may see fewer."""
    return random_state() | {"cuda": torch.cuda.get_rng_state() if get_device() == "cuda" else None}

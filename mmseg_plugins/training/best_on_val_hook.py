"""Hands on the weights that were best on the validation split."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

from mmengine.dist import broadcast
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch import Tensor

from .random_state import random_state, set_random_state


@HOOKS.register_module()
class BestOnValHook(Hook):
    """Keeps the weights of the best validation, in every checkpoint too, so that a killed training loses none of it.

    MMEngine's `save_best` is not exact: its checkpoint of an iteration is written before that iteration's validation,
    which a resumed training leaves out; and the file of the best weights may be gone that an older checkpoint names.
    Here a resumed training first makes the validation that its checkpoint lacks. A validation leaves the generators
    that the network draws from (dropout) as they were; in evaluation mode nothing draws on a GPU.

    Args:
        metrics: of the config's `val_evaluator`, in percent; their mean is the score. Of equal scores the first counts.
    """

    priority = "ABOVE_NORMAL"
    """Before MMEngine's `EMAHook`, which takes the averaged weights that were validated out of the network again."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self.metrics = tuple(metrics)
        self.iterations: list[int] = []
        """Those after which there was a validation."""
        self.scores: list[float] = []
        """Of each validation, percent."""
        self.best = 0
        """The iteration of the best validation; 0 before the first one."""
        self.weights: dict[str, Tensor] = {}
        """The network's state dict then, on the CPU."""
        self._random: dict[str, Any] = {}

    def before_train(self, runner: Runner) -> None:
        """Makes up for the validation that was due after the iteration that a training goes on from."""
        loop = runner.train_loop
        due = runner.iter > 0 and (runner.iter % loop.val_interval == 0 or runner.iter == loop.max_iters)
        if due and runner.iter not in self.iterations:
            runner.val_loop.run()

    def before_val(self, runner: Runner) -> None:
        """Remembers the random state; starting a data loader draws a number.

        Several processes validate the first one's running statistics, which are those that are handed on.
        """
        self._random = random_state()
        for statistic in runner.model.buffers():
            broadcast(statistic)

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float]) -> None:
        """Keeps the weights if they are the best so far."""
        # MMSegmentation gives two decimals, in float32; their mean has one more.
        score = round(mean(float(metrics[name]) for name in self.metrics), 3)
        if not self.scores or score > max(self.scores):
            model = runner.model.module if is_model_wrapper(runner.model) else runner.model
            self.best = runner.iter
            self.weights = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
        self.iterations.append(runner.iter)
        self.scores.append(score)

    def after_val(self, runner: Runner) -> None:
        """Restores the random state."""
        set_random_state(self._random)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Adds the entry `best_on_val`."""
        checkpoint["best_on_val"] = {
            "iterations": list(self.iterations),
            "scores": list(self.scores),
            "best": self.best,
            "weights": self.weights,
        }

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Takes up the entry `best_on_val` of a training that goes on; an earlier stage's is not this one's."""
        if not runner.cfg.get("resume", False):
            return
        kept = checkpoint["best_on_val"]
        self.iterations, self.scores, self.best = list(kept["iterations"]), list(kept["scores"]), kept["best"]
        # A checkpoint loaded onto a GPU has brought them there.
        self.weights = {name: value.cpu() for name, value in kept["weights"].items()}

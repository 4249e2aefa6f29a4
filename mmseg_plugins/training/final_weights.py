"""The weights that a finished training hands on."""

from typing import Any

from mmengine.hooks import EMAHook, Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from .best_on_val_hook import BestOnValHook


def final_weights(runner: Runner) -> dict[str, Tensor]:
    """Chooses the weights that the config of a training asks for.

    Args:
        runner: after its last iteration.

    Returns:
        State dict of the network: the best on the validation split where `BestOnValHook` kept them; otherwise the
        averages where MMEngine's `EMAHook` made them, as its own checkpoints have them; otherwise the last.
    """
    if best := hook_of(runner, BestOnValHook):
        return dict(best.weights)
    if average := hook_of(runner, EMAHook):
        return dict(average.ema_model.module.state_dict())
    return dict(network_of(runner).state_dict())


def network_of(runner: Runner) -> nn.Module:
    """The network itself, also where several processes train it in a wrapper."""
    network: nn.Module = runner.model.module if is_model_wrapper(runner.model) else runner.model
    return network


def hook_of(runner: Runner, kind: type[Hook]) -> Any:
    """The runner's hook of a kind, or None."""
    return next((hook for hook in runner.hooks if isinstance(hook, kind)), None)

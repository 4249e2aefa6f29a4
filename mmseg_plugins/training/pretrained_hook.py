"""Starts a training from the weights of an earlier stage, strictly."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from .pretrained import fit_pretrained


@HOOKS.register_module()
class PretrainedHook(Hook):
    """Makes MMEngine's `load_from` strict; by default it skips entries that do not fit.

    Two top-level keys of the config say where the network differs from that of the earlier stage: `new_layers`, a list
    of prefixes, and `renamed_layers`, a dictionary from the earlier stage's prefixes to the network's. Weights for
    tests and resumed checkpoints belong to the network itself and are not changed.
    """

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Replaces the checkpoint's weights by the fitted ones, before MMEngine copies them into the network.

        Raises:
            SegReproError: the weights do not fit.
        """
        is_new_training = isinstance(runner.optim_wrapper, OptimWrapper) and not runner.cfg.get("resume", False)
        if not is_new_training:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        checkpoint["state_dict"] = fit_pretrained(
            checkpoint.get("state_dict", checkpoint),
            model.state_dict(),
            runner.cfg.get("new_layers", []),
            runner.cfg.get("renamed_layers", {}),
            f"{runner.cfg.filename}: load_from: {runner.cfg.load_from}",
        )

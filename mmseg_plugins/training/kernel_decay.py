"""Weight decay of kernels only."""

from typing import Any

from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS
from torch import nn


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class KernelDecayConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's parameter groups, but norms and biases have no weight decay, regardless of `custom_keys`.

    With MMEngine's own `norm_decay_mult` or `flat_decay_mult`, those of a backbone with another learning rate in
    `custom_keys` would be decayed. Modules without trainable parameters are skipped silently; MMEngine warns about each
    parameter.
    """

    def add_params(self, params: list[dict[str, Any]], module: nn.Module, prefix: str = "", **kwargs: Any) -> None:
        """Adds one group for each trainable parameter of the module and its children to `params`."""
        if not any(parameter.requires_grad for parameter in module.parameters()):
            return
        first = len(params)
        super().add_params(params, module, prefix, **kwargs)
        for group in params[first:]:
            if group["params"][0].ndim == 1:
                group["weight_decay"] = 0.0

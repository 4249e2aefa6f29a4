"""Gradient checkpointing in which batch norms process every batch once."""

from collections.abc import Sequence
from contextlib import nullcontext
from types import TracebackType

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def checkpointed(module: nn.Module, inputs: Tensor | Sequence[Tensor]) -> Tensor:
    """Calls a module whose intermediate maps are dropped and computed again in the backward pass.

    Outputs, gradients and batch norms' running statistics are exactly those of a plain call. In the
    authors' code batch norms process each batch twice, with a lower momentum to compensate; it counts batches twice.

    Args:
        module: takes the inputs as its one argument.
        inputs: a map, or a sequence of maps that nobody changes afterwards.
    """
    return checkpoint(
        module, inputs, use_reentrant=False, context_fn=lambda: (nullcontext(), _BuffersUntouched(module))
    )


class _BuffersUntouched:
    """A reusable context in which a module's running statistics are temporary copies."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    def __enter__(self) -> None:
        # Gradients read the statistics' storage, so writing the old values back would be too late.
        self._originals = [(owner, dict(owner.named_buffers(recurse=False))) for owner in self._module.modules()]
        for owner, buffers in self._originals:
            for name, buffer in buffers.items():
                setattr(owner, name, buffer.clone())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for owner, buffers in self._originals:
            for name, buffer in buffers.items():
                setattr(owner, name, buffer)

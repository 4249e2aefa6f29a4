"""The memory that a forward pass keeps for its backward pass."""

import gc
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def saved_activation_bytes(forward: Callable[[], Tensor]) -> tuple[Tensor, int]:
    """Counts the bytes of all storages that a forward pass creates and keeps for its backward pass.

    Each storage counts once, even if several operations saved it. Parameters, buffers and inputs do not count, because
    the forward pass does not create them. Storages that are freed before its end and workspaces of operations do not
    count either. (Hooks on saved tensors would miss the maps that gradient checkpointing holds as arguments.)

    Args:
        forward: from inputs to a loss; it may run on shapes alone.

    Returns:
        The loss, which keeps the saved tensors alive, and the number of bytes.
    """
    watched = _WatchedStorages()
    with watched:
        loss = forward()
    return loss, watched.alive()


def highest_activation_bytes(forward: Callable[[], Tensor]) -> int:
    """Counts the largest number of bytes that a forward pass holds at the same time, in storages that it creates.

    Args:
        forward: from inputs to an output, without gradients; it may run on shapes alone.
    """
    watched = _HighestStorages()
    with watched:
        forward()
    return watched.highest


class _WatchedStorages(TorchDispatchMode):
    """A mode that records every storage that an operation creates, without keeping it alive."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes: dict[StorageWeakRef, int] = {}

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Runs an operation and records its outputs; an in-place operation creates no storage."""
        existing = {self._key(leaf) for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor) and self._key(leaf) not in existing:
                self._bytes[self._key(leaf)] = leaf.untyped_storage().nbytes()
        return result

    def alive(self) -> int:
        """Bytes of the storages that are still in use."""
        gc.collect()
        return self._held()

    def _held(self) -> int:
        return sum(size for storage, size in self._bytes.items() if not storage.expired())

    @staticmethod
    def _key(tensor: Tensor) -> StorageWeakRef:
        return StorageWeakRef(tensor.untyped_storage())


class _HighestStorages(_WatchedStorages):
    """Also records the largest number of bytes in use after any operation."""

    def __init__(self) -> None:
        super().__init__()
        self.highest = 0

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Runs an operation; its inputs still exist when its outputs are created, so both count."""
        result = super().__torch_dispatch__(function, types, args, kwargs)
        self.highest = max(self.highest, self._held())
        return result

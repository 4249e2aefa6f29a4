"""Running code on tensor shapes alone: without memory, in seconds, with the same result on every machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


@contextmanager
def shapes_only() -> Iterator[None]:
    """Within it, tensors have shapes, types and layouts but no values.

    Real tensors can be used as inputs. Where the size of a result depends on values (which pixels have a label, which
    are hard), the largest size is used, as if every pixel counted. A number that is read from a tensor is 1.
    """
    with FakeTensorMode(allow_non_fake_inputs=True), _UnknownValues():
        yield


class _UnknownValues(TorchDispatchMode):
    """Replaces operations whose result depends on values."""

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        match function:
            case aten._local_scalar_dense.default:
                return 1
            case aten.bincount.default:
                return args[0].new_empty(kwargs.get("minlength", args[2] if len(args) > 2 else 0))
            case aten.nonzero.default:
                return args[0].new_empty((args[0].numel(), args[0].dim()), dtype=torch.int64)
            case aten._unique2.default:
                inverse = args[0].new_empty(args[0].numel(), dtype=torch.int64)
                return args[0].new_empty(args[0].numel()), inverse.view(args[0].shape), inverse.clone()
            case aten.index.Tensor:
                args = (args[0], [part for index in args[1] for part in _as_indices(index)])
        return function(*args, **kwargs)


def _as_indices(index: Tensor | None) -> list[Tensor | None]:
    """Turns a mask into the indices of all its entries, one tensor for each dimension; keeps any other index."""
    if index is None or index.dtype != torch.bool:
        return [index]
    return [index.new_empty(index.numel(), dtype=torch.int64)] * index.dim()

"""A description of the differences between two state dicts."""

from collections.abc import Mapping

from torch import Tensor

_SHOWN = 5


def mismatch(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    """Names the entries by which a state dict does not fit.

    Args:
        found: the state dict in question.
        expected: a state dict that fits; only names and shapes count.

    Returns:
        Number and first names of missing entries, unknown ones and those of another shape; empty if there are none.
    """
    problems = {
        "missing": [name for name in expected if name not in found],
        "unknown": [name for name in found if name not in expected],
        "of another shape": [
            f"{name} {_size(found[name])} for {_size(expected[name])}"
            for name in expected
            if name in found and found[name].shape != expected[name].shape
        ],
    }
    return "; ".join(f"{len(entries)} {kind}: {_first(entries)}" for kind, entries in problems.items() if entries)


def _size(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "scalar"


def _first(entries: list[str]) -> str:
    return ", ".join(entries[:_SHOWN]) + (", ..." if len(entries) > _SHOWN else "")

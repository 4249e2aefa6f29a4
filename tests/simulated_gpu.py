"""A GPU for tests of what runs on nothing else: tensors sent there stay here, and its memory says what it is told."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

GPU = torch.device("cuda")


def simulate(monkeypatch: pytest.MonkeyPatch, held: Callable[[], int] = lambda: 2**30) -> list[str]:
    """Replaces a GPU.

    Args:
        monkeypatch: takes it away again.
        held: the highest bytes that its allocator held since it was last asked to forget.

    Returns:
        What is asked of it, in order; `to` for each tensor that is sent.
    """
    asked: list[str] = []
    to = torch.Tensor.to

    def stays(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        asked.extend(["to"] * (GPU in args))
        return to(tensor, *(torch.device("cpu") if arg == GPU else arg for arg in args), **kwargs)

    def says(name: str, answer: Callable[[], Any] = lambda: None) -> Callable[..., Any]:
        def call(device: torch.device | None = None) -> Any:
            assert device in (None, GPU)
            asked.append(name)
            return answer()

        return call

    monkeypatch.setattr(torch.Tensor, "to", stays)
    for name in ("empty_cache", "reset_peak_memory_stats", "synchronize"):
        monkeypatch.setattr(torch.cuda, name, says(name))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", says("max_memory_allocated", held))
    return asked

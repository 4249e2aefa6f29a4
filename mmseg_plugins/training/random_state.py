"""The global random generators of Python, NumPy and PyTorch (CPU), which data augmentation and networks use."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


def random_state() -> dict[str, Any]:
    """Returns the state of each generator, as data that `torch.load` reads with `weights_only=True`."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=True),
        "torch": torch.get_rng_state(),
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Sets each generator to a state returned by `random_state`."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    # A checkpoint that was loaded onto a GPU has this tensor on the GPU.
    torch.set_rng_state(state["torch"].cpu())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Runs the body with every generator seeded, then puts their previous states back.

    Args:
        seed: 0 <= seed < 2**32.
    """
    previous = random_state()
    random.seed(seed)
    np.random.seed(seed)
    # torch.manual_seed would also seed CUDA, and the data pipeline must not change dropout on the GPU.
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        set_random_state(previous)

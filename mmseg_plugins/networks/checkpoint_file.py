"""State dicts in checkpoint files, read as data and never as code.

A checkpoint often holds more than weights: MMEngine keeps the history of the training beside them, others a score as a
NumPy scalar. PyTorch reads such a file as data only if every class in it is allowed. Those that are known to be
harmless are allowed here, and even they are not made: a placeholder that does nothing stands in for each.
"""

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from segrepro.errors import SegReproError


class _LeftOut:
    """Stands in for what a checkpoint holds beside its weights, whatever it is called with."""

    def __new__(cls, *_: object, **__: object) -> "_LeftOut":
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Forgets the state."""


LEFT_OUT = (
    # MMEngine's history of losses and rates, and the methods of it that it pickles.
    "mmengine.logging.history_buffer.HistoryBuffer",
    "builtins.getattr",
    # NumPy's scalars and arrays, under the names of versions 2 and 1.
    "numpy._core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy.dtype",
    "numpy.ndarray",
)
"""What checkpoints hold beside weights and may hold, by the name that is pickled."""


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Reads the state dict of a checkpoint: the file's content itself, or its entry `state_dict`.

    Args:
        path: what `torch.save` wrote.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        SegReproError: there is no such file, it is damaged, holds code or a class that is not known to be harmless, or
            holds no state dict.
    """
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; expected a checkpoint")
    content = _read_as_data(path)
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise SegReproError(
            f"{path}: found {_in_words(content)}; expected a state dict, tensors by name, or a dictionary with the"
            " entry state_dict. Save the network's state dict under this name"
        )
    if unnamed := [name for name in content if not isinstance(name, str)]:
        raise SegReproError(
            f"{path}: found an entry called {unnamed[0]!r}, of type {type(unnamed[0]).__name__}; expected names as"
            " text. Save the network's state dict as `state_dict()` gives it"
        )
    return dict(content)


def _read_as_data(path: Path) -> Any:
    try:
        with torch.serialization.safe_globals([(_LeftOut, name) for name in LEFT_OUT]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # What runs commands is refused in other words than what only PyTorch does not know.
        if refused := re.search(r"GLOBAL (\S+) (?:was not an allowed global|whose module)", str(error)):
            raise SegReproError(
                f"{path}: found an object of {refused[1]}; expected tensors and plain values, as reading such an object"
                " would run code that the file names. If you trust the file, load it where it was made and save its"
                " state_dict() alone"
            ) from None
        raise _unreadable(path, error) from None
    except OSError:  # the disk's, which says nothing about what the file holds
        raise
    # torch.load raises errors of many kinds for a file that is cut short or of another format.
    except Exception as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> SegReproError:
    return SegReproError(
        f"{path}: found a file that cannot be read as data ({type(error).__name__}); expected what torch.save writes of"
        " a state dict. Bring the file again; a foreign format must be converted by hand first"
    )


def _in_words(content: object) -> str:
    kind = type(content).__name__
    return f"a {kind} of {', '.join(map(str, list(content)[:5]))}" if isinstance(content, Mapping) else f"a {kind}"

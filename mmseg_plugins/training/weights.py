"""The file format for weights of all routes."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from segrepro.atomic import atomic_write


def save_weights(
    state_dict: Mapping[str, torch.Tensor], path: Path, dataset_meta: Mapping[str, Any] | None = None
) -> None:
    """Writes `{"state_dict": ..., "meta": {"dataset_meta": ...}}`, the form that MMEngine and MMSegmentation load.

    Equal weights give equal bytes, whatever their memory layout.

    Args:
        state_dict: MMSegmentation's key names to tensors on any device.
        path: the `weights.pth` to write, atomically.
        dataset_meta: names and colours of the outputs, as `networks.dataset_meta` gives them; None leaves them out.
    """
    content = {
        "state_dict": {name: value.cpu().contiguous() for name, value in state_dict.items()},
        "meta": {} if dataset_meta is None else {"dataset_meta": dict(dataset_meta)},
    }
    # Into memory first: saved to a path, the archive would hold the temporary file's name.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    atomic_write(path, buffer.getvalue())

"""Where networks run."""

import torch

from data_manifests.errors import SegReproError


def choose_device(name: str | None) -> torch.device:
    """Chooses a device, and has float32 mean float32 there.

    Args:
        name: cpu or cuda; None: cuda where there is one.

    Raises:
        SegReproError: the name is neither, or there is no such device.
    """
    # On a GPU convolutions would otherwise round their inputs to ten bits, and products of matrices if asked to. Both
    # by PyTorch's older settings: once a newer `fp32_precision` is set, reading the older ones may raise.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    known = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    if name not in (None, *known):
        raise SegReproError(f"--device: found {name}; expected {' or '.join(known)}, which this machine has")
    return torch.device(name or known[-1])

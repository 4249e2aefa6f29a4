"""What determines the outcome of a training, as one name."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

import torch
from mmengine.config import Config

from mmseg_plugins.provenance import config_sha256, sha256_of_file


def run_digest(config: Config, seed: int, data_sha256: str, pretrained_sha256: str | None, device: torch.device) -> str:
    """Names a training: two with the same digest end with the same bits on the CPU of one machine.

    It covers the config, the source of the packages that the config imports, the seed, the dataset's files, the
    weights of an earlier stage, the version of PyTorch, whether a CPU or a GPU trains, and on a CPU the number of
    threads (sums are split among them, which changes their rounding).

    Args:
        config: the resolved config as the user gave it, before anything is set for this run.
        seed: the run's seed.
        data_sha256: of the images and label maps that a training can see.
        pretrained_sha256: of the weights that the training starts from; None where there are none.
        device: where the network trains.

    Returns:
        16 hexadecimal digits, for a folder's name.
    """
    determinants = {
        "config": config_sha256(config),
        "sources": [sha256_of_file(file) for name in config.custom_imports.imports for file in _sources(name)],
        "seed": seed,
        "dataset": data_sha256,
        "pretrained": pretrained_sha256,
        "torch": torch.__version__,
        "device": device.type,
    }
    if device.type == "cpu":
        determinants["threads"] = torch.get_num_threads()
    return hashlib.sha256(json.dumps(determinants).encode()).hexdigest()[:16]


def _sources(module: str) -> list[Path]:
    """The files of a package, or the one file of a module."""
    origin = Path(find_spec(module).origin)
    return sorted(origin.parent.glob("*.py")) if origin.name == "__init__.py" else [origin]

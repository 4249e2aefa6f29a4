"""A digest of everything that determines the result of a training."""

import hashlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmseg.registry
import torch
from mmengine.config import Config
from mmengine.registry import Registry

from mmseg_plugins.runtime.computing_code import digest_of_files, imported
from mmseg_plugins.runtime.processes import number_of_processes
from mmseg_plugins.runtime.provenance import config_sha256


def run_digest(
    config: Config,
    seed: int,
    data_sha256: str,
    pretrained_sha256: str | None,
    device: torch.device,
    compiled: bool = False,
) -> str:
    """Computes the digest of a training: trainings with the same digest give bit-identical weights on one CPU machine.

    It covers the config, the code that it names and what that imports of the suite (without comments, docstrings and
    layout), the seed, the dataset's files, the weights of an earlier stage, the version of PyTorch, whether a CPU or a
    GPU trains, whether its passes are compiled, and on a CPU the number of threads and processes (sums are split among
    them, which changes their rounding).

    Args:
        config: the resolved config as the user gave it, before anything is set for this run.
        seed: the run's seed.
        data_sha256: of the images and label maps that the training can use.
        pretrained_sha256: of the weights that the training starts from; None where there are none.
        device: where the network trains.
        compiled: whether `CompileHook` compiles its passes.

    Returns:
        16 hexadecimal digits, for a folder's name.
    """
    determinants = {
        "config": config_sha256(config),
        "sources": digest_of_files(imported(_files(config))),
        "seed": seed,
        "dataset": data_sha256,
        "pretrained": pretrained_sha256,
        "torch": torch.__version__,
        "device": device.type,
    }
    if compiled:
        determinants["compiled"] = True
    if device.type == "cpu":
        determinants["threads"] = torch.get_num_threads()
        if (processes := number_of_processes()) > 1:
            determinants["processes"] = processes
    return hashlib.sha256(json.dumps(determinants).encode()).hexdigest()[:16]


def _files(config: Config) -> list[Path]:
    """The files of the code that a config names by `type` or `constructor`, without installed libraries."""
    registries = [value for value in vars(mmseg.registry).values() if isinstance(value, Registry)]
    found = {registry.get(name) for name in _named(config.to_dict()) for registry in registries}
    files = {Path(inspect.getfile(named)) for named in found if named is not None}
    return sorted(file for file in files if "site-packages" not in file.parts)


def _named(cfg: Any) -> set[str]:
    """The names of registered classes in a config or a part of one."""
    if isinstance(cfg, Mapping):
        own = {cfg[key] for key in ("type", "constructor") if isinstance(cfg.get(key), str)}
        return own.union(*map(_named, cfg.values()))
    return set().union(*map(_named, cfg)) if isinstance(cfg, list | tuple) else set()

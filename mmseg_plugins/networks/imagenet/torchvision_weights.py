"""Weights published by torchvision: from PyTorch's cache, the mirror or their URL; the hash is checked each time."""

import os
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlparse

import torch
import torchvision
from torch import Tensor
from torch.hub import HASH_REGEX, download_url_to_file
from torchvision.models import WeightsEnum, get_model, get_model_weights, get_weight, list_models

from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file


def imagenet_state_dict(name: str) -> dict[str, Tensor]:
    """Returns published weights with the entry names of torchvision's current models, also for older files.

    The global random generators are not changed.

    Args:
        name: such as `DenseNet121_Weights.IMAGENET1K_V1`.

    Returns:
        State dict on the CPU.

    Raises:
        SegReproError: torchvision has no such weights, or their file is not available or not the published one.
    """
    try:
        weights = get_weight(name)
    except (KeyError, ValueError):
        raise SegReproError(
            f"init_cfg: weights: found {name!r}; expected a name of torchvision's, such as"
            " 'DenseNet121_Weights.IMAGENET1K_V1'. Look it up in torchvision.models"
        ) from None
    # torchvision unpickles without restriction. A file that loads with weights_only holds no code.
    torch.load(_published_file(weights), map_location="cpu", weights_only=True)
    model = next(m for m in list_models(module=torchvision.models) if get_model_weights(m) is type(weights))
    with torch.random.fork_rng(devices=[]):
        return get_model(model, weights=weights).state_dict()


def _published_file(weights: WeightsEnum) -> Path:
    """The file in torchvision's cache, downloaded if missing; its name contains the start of its sha256."""
    path = Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(weights.url).path).name)
    match = HASH_REGEX.search(path.name)
    if match is None:
        raise SegReproError(
            f"init_cfg: weights: found {weights!r}, whose file {path.name} has no checksum in its name; expected one"
            " that ends with the start of its sha256. Name other weights of torchvision's"
        )
    prefix = match[1]
    if not path.is_file():
        _fetch(weights, path, prefix)
    digest = hash_of_file(path)
    if not digest.startswith(prefix):
        raise SegReproError(
            f"{path}: found sha256 {digest}; expected one that begins with {prefix}, as its name says."
            " Delete the file and run the command again"
        )
    return path


def _fetch(weights: WeightsEnum, path: Path, prefix: str) -> None:
    """Copies a file from the mirror or downloads it; it gets its name only if its hash is right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mirror = os.environ.get("SEGREPRO_MIRROR")
    mirrored = [Path(mirror, "torchvision", path.name).resolve().as_uri()] if mirror else []
    tried = []
    for address in [*mirrored, weights.url]:
        try:
            download_url_to_file(address, str(path), prefix)
        except (OSError, RuntimeError, HTTPException) as error:
            tried.append(f"  {address}: {error}")
        else:
            return
    raise SegReproError(
        f"{path.name}, torchvision's {weights}, could not be downloaded; tried:\n"
        + "\n".join(tried)
        + f"\nNext step: put it at {path} (the variable TORCH_HOME names another folder), or name a folder that holds"
        f" torchvision/{path.name} in SEGREPRO_MIRROR, and run the command again."
    )

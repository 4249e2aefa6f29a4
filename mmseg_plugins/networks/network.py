"""Building the network of a config and loading the weights of a run."""

import copy
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.models.segmentors import BaseSegmentor
from mmseg.registry import MODELS
from torch import Tensor

from segrepro.errors import SegReproError

from .state_dict_mismatch import mismatch


def build_network(config: Config) -> BaseSegmentor:
    """Builds the network of an MMSegmentation config on the CPU, as MMEngine's Runner does; its weights are random."""
    init_default_scope(config.get("default_scope", "mmseg"))
    model_cfg = copy.deepcopy(config.model)
    if "data_preprocessor" in config:
        model_cfg.setdefault("data_preprocessor", config.data_preprocessor)
    return MODELS.build(model_cfg)


def load_weights(network: BaseSegmentor, path: Path) -> None:
    """Loads `weights.pth` of a run into its network, strictly and without running code from the file.

    Args:
        network: filled in place.
        path: `{"state_dict": ..., "meta": {}}` with the network's own key names.

    Raises:
        SegReproError: the file is missing or holds something else, or its entries are not exactly the network's.
    """
    found = read_weights(path)
    expected = network.state_dict()
    if differences := mismatch(found, expected):
        raise SegReproError(
            f"{path}: found weights of another architecture ({differences}); expected exactly the {len(expected)} "
            "entries of the config's model. Use the config that the weights were made with"
        )
    network.load_state_dict(found)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Reads `weights.pth` of a run, without running code from the file.

    Args:
        path: `{"state_dict": ..., "meta": {}}`.

    Returns:
        The state dict, on the CPU.

    Raises:
        SegReproError: the file is missing or holds something else.
    """
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; expected weights that convert.py, train.py or initialise.py wrote")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    except OSError:  # the disk's, which says nothing about what the file holds
        raise
    except Exception as error:
        raise SegReproError(
            f"{path}: not a weights file of the suite ({type(error).__name__}); expected a"
            " dictionary with the entry state_dict. Authors' files go through convert.py first"
        ) from error

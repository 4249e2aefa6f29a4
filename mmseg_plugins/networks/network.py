"""Building the network of a config and loading the weights of a run."""

import copy
from pathlib import Path

# Looking up what a config names would import it later, and it prints when it is imported.
import mmseg.datasets  # noqa: F401
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.models.segmentors import BaseSegmentor
from mmseg.registry import MODELS

from segrepro.errors import SegReproError

from .checkpoint_file import read_state_dict
from .state_dict_mismatch import mismatch
from .training_only import without_absent_parts


def build_network(config: Config) -> BaseSegmentor:
    """Builds the network of an MMSegmentation config on the CPU, as MMEngine's Runner does; its weights are random."""
    init_default_scope(config.get("default_scope", "mmseg"))
    model_cfg = copy.deepcopy(config.model)
    if "data_preprocessor" in config:
        model_cfg.setdefault("data_preprocessor", config.data_preprocessor)
    return MODELS.build(model_cfg)


def load_weights(network: BaseSegmentor, path: Path) -> None:
    """Loads a checkpoint into the network it was made for, as data and strictly, to predict with it.

    Parts that only a training needs stay as they are where the checkpoint has none of them.

    Args:
        network: filled in place.
        path: weights of a run, or a checkpoint of MMEngine's; with the network's own key names.

    Raises:
        SegReproError: as `read_state_dict` does, or the entries are not exactly the network's.
    """
    found = read_state_dict(path)
    expected = without_absent_parts(network.state_dict(), network, found)
    if differences := mismatch(found, expected):
        raise SegReproError(
            f"{path}: found weights of another architecture ({differences}); expected exactly the {len(expected)} "
            "entries of the config's model. Use the config that the weights were made with"
        )
    network.load_state_dict(found, strict=False)

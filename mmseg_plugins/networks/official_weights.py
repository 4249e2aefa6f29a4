"""Conversion of authors' weights to the suite's networks and back, strictly.

Each family's `key_map.official_names` gives the authors' names for the entries of our state dict.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from segrepro.errors import SegReproError

from .checkpoint_file import read_state_dict
from .state_dict_mismatch import mismatch

_DATA_PARALLEL = "module."


def read_official(path: Path) -> dict[str, Tensor]:
    """Reads the state dict from an authors' file, without running code from the file.

    If every name has the prefix of PyTorch's DataParallel, the prefix is removed.

    Raises:
        SegReproError: as `read_state_dict` does.
    """
    content = read_state_dict(path)
    prefixed = bool(content) and all(name.startswith(_DATA_PARALLEL) for name in content)
    return {name.removeprefix(_DATA_PARALLEL) if prefixed else name: value for name, value in content.items()}


def from_official(
    official: Mapping[str, Tensor], network: Mapping[str, Tensor], names: Mapping[str, str], source: str
) -> dict[str, Tensor]:
    """Renames the authors' state dict to ours.

    Files older than PyTorch 0.4.1 have no batch-norm counters (`num_batches_tracked`). Where a file has none at all
    they become 0, as PyTorch itself does; batch norm with a fixed momentum never reads them.

    Args:
        official: the authors' state dict.
        network: state dict of our network; only names, shapes and order are read.
        names: our name to the authors' name, for every entry of `network`.
        source: the authors' file, for error messages.

    Returns:
        The authors' tensors under our names, in the order of `network`.

    Raises:
        SegReproError: entries are missing, unknown or of another shape; the message names the first of each.
    """
    expected = to_official(network, names)
    counters = {name: torch.tensor(0) for name in expected if name.endswith(".num_batches_tracked")}
    found = official if counters.keys() & official.keys() else {**official, **counters}
    if problems := mismatch(found, expected):
        raise SegReproError(
            f"{source}: found a state dict that does not fit the network ({problems}); expected exactly its "
            f"{len(expected)} entries. Use the model and the dataset that the file was published for"
        )
    return {ours: found[names[ours]] for ours in network}


def renamed(name: str, rules: Iterable[tuple[str, str]]) -> str:
    """Applies substitutions one after another, because most key maps are tables of substitutions.

    Args:
        name: of an entry.
        rules: pairs of a regular expression and its replacement, as for `re.sub`.
    """
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def to_official(network: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """Renames our state dict to the authors'; the inverse of `from_official`."""
    return {names[ours]: tensor for ours, tensor in network.items()}

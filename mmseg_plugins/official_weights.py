"""Authors' weights to the suite's networks and back, strictly.

Each family says in its `key_map.official_names` how its authors name the entries of our state dict.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from data_manifests.errors import SegReproError

from .state_dict_mismatch import mismatch


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
        source: what the message calls the authors' file.

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
            f"{len(expected)} entries. Take the model and the dataset that the file was published for"
        )
    return {ours: found[names[ours]] for ours in network}


def to_official(network: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """Renames our state dict to the authors'; the inverse of `from_official`."""
    return {names[ours]: tensor for ours, tensor in network.items()}

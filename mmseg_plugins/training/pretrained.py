"""Weights of an earlier stage, for the network that continues from them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from torch import Tensor

from mmseg_plugins.networks.state_dict_mismatch import mismatch
from segrepro.errors import SegReproError


def fit_pretrained(
    found: Mapping[str, Tensor],
    network: Mapping[str, Tensor],
    new_layers: Sequence[str],
    renamed_layers: Mapping[str, str],
    source: str,
) -> dict[str, Tensor]:
    """Initialises a network with the weights of an earlier stage, entry by entry.

    Args:
        found: state dict of the earlier stage.
        network: state dict of the initialised network.
        new_layers: prefixes of entries of `network` that stay as they are, also where `found` has the same names.
        renamed_layers: prefix in `found` to the corresponding prefix in `network`; the first match is used.
        source: the file of `found`, for error messages.

    Returns:
        Every entry of `network`, those outside `new_layers` from `found`.

    Raises:
        SegReproError: outside `new_layers` the entries are not the same; the message names the first of each kind.
    """
    names = {name: _renamed(name, renamed_layers) for name in found}
    if doubled := [name for name, times in Counter(names.values()).items() if times > 1]:
        raise SegReproError(
            f"{source}: renamed_layers: found two entries that would both be named {doubled[0]}; expected different"
            " names. Correct the prefixes in the config"
        )
    new = tuple(new_layers)
    kept = {ours: found[theirs] for theirs, ours in names.items() if not ours.startswith(new)}
    expected = {name: value for name, value in network.items() if not name.startswith(new)}
    if problems := mismatch(kept, expected):
        raise SegReproError(
            f"{source}: found weights of an earlier stage that do not fit the network ({problems}); expected exactly"
            f" its {len(expected)} entries outside new_layers = {list(new_layers)}. Start from the stage that the"
            " config is made for, or name in the config what is new (new_layers) or renamed (renamed_layers)"
        )
    return {**network, **kept}


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    fitting = (new + name.removeprefix(old) for old, new in prefixes.items() if name.startswith(old))
    return next(fitting, name)

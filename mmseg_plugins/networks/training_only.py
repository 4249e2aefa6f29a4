"""Parts of a network that only a training needs: the predictions are the same without them."""

from collections.abc import Collection, Mapping

from torch import Tensor, nn


def without_absent_parts(
    entries: Mapping[str, Tensor], network: nn.Module, found: Collection[str]
) -> Mapping[str, Tensor]:
    """The entries of a network that a file must have.

    Authors publish a network with all classifiers that only its training needs, or with none of them. A module says by
    a true attribute `training_only` that it is such a part.

    Args:
        entries: state dict of the network.
        network: the network.
        found: names that the file has, as the network calls them.

    Returns:
        All entries; without those of parts that only a training needs, if the file has none of these.
    """
    parts = tuple(f"{name}." for name, part in network.named_modules() if getattr(part, "training_only", False))
    if any(name.startswith(parts) for name in found):
        return entries
    return {name: value for name, value in entries.items() if not name.startswith(parts)}

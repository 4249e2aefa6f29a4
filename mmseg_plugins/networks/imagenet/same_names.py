"""ImageNet weights for a backbone whose entries have the same names in torchvision."""

from collections.abc import Mapping

from torch import Tensor

from mmseg_plugins.networks.state_dict_mismatch import mismatch
from segrepro.errors import SegReproError


def same_names(imagenet: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Selects the entries of a backbone; other entries of torchvision's network are left out.

    Args:
        imagenet: state dict of torchvision's network.
        ours: state dict of the backbone; only names, shapes and order are read.

    Returns:
        Every entry of `ours`, in its order, with the values of `imagenet`.

    Raises:
        SegReproError: an entry of `ours` is missing or has another shape.
    """
    filled = {name: imagenet[name] for name in ours if name in imagenet}
    if differences := mismatch(filled, ours):
        raise SegReproError(
            f"backbone.init_cfg.weights: found ImageNet weights that do not fit the backbone ({differences}); expected"
            f" all its {len(ours)} entries. Name torchvision's weights of the network of the backbone's depth"
        )
    return filled

"""ImageNet weights of torchvision's DenseNets as the start of `LDNEncoder`."""

from collections.abc import Mapping

from torch import Tensor

from data_manifests.errors import SegReproError
from mmseg_plugins.state_dict_mismatch import mismatch


def from_imagenet(imagenet: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Picks the encoder's weights; torchvision's final norm and classifier have no place in it.

    Args:
        imagenet: state dict of torchvision's DenseNet of the same depth.
        ours: state dict of an `LDNEncoder`.

    Returns:
        A value for every entry of `ours`.

    Raises:
        SegReproError: an entry is missing or has another shape.
    """
    filled = {name: imagenet[name] for name in ours if name in imagenet}
    if differences := mismatch(filled, ours):
        raise SegReproError(
            f"ImageNet weights for LDNEncoder: found a state dict that does not fit ({differences}); expected that of "
            "torchvision's DenseNet of the same depth. Correct init_cfg.weights of the backbone"
        )
    return filled

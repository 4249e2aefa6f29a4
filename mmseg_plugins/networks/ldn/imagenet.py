"""ImageNet weights of torchvision's DenseNets as the start of `LDNEncoder`."""

from collections.abc import Mapping

from torch import Tensor

from mmseg_plugins.networks.imagenet.same_names import same_names


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
    return same_names(imagenet, ours)

"""ImageNet's weights for the backbones, from torchvision's ResNets."""

from collections.abc import Mapping

from torch import Tensor

from mmseg_plugins.networks.imagenet.same_names import same_names


def from_imagenet(imagenet: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Chooses the entries that the backbone has; both call them alike.

    ShelfNet50 and 101 take all of them, the classifier too. The lightweight backbones have no classifier, and their ABN
    takes a scale as it is, sign included, and applies its magnitude.

    Args:
        imagenet: state dict of torchvision's ResNet of the same depth.
        ours: state dict of `ShelfNetResNet` or `ShelfNetLWResNet`; only names, shapes and order are read.

    Returns:
        Every entry of `ours`, in its order, with the values of `imagenet`.

    Raises:
        SegReproError: an entry of `ours` is missing or has another shape.
    """
    return same_names(imagenet, ours)

"""Initialisation of a backbone with torchvision's ImageNet weights."""

import importlib

from mmengine.model import BaseModule
from mmengine.model.weight_init import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS

from mmseg_plugins.networks.state_dict_mismatch import mismatch
from segrepro.errors import SegReproError

from .torchvision_weights import imagenet_state_dict


@WEIGHT_INITIALIZERS.register_module()
class ImageNetInit:
    """Fills a backbone with weights that torchvision publishes: `init_cfg=dict(type="ImageNetInit", weights=...)`.

    The backbone's family maps the entries: `from_imagenet(imagenet, ours)` in the module `imagenet` next to the
    backbone's own module takes torchvision's state dict and the backbone's, and returns the entries of the backbone
    that it fills. The others keep the initialisation that they have without `init_cfg`.

    Args:
        weights: name of an entry of torchvision's, such as `DenseNet121_Weights.IMAGENET1K_V1`.
    """

    def __init__(self, weights: str) -> None:
        self.weights = weights

    def __call__(self, module: BaseModule) -> None:
        """Initialises the backbone.

        Raises:
            SegReproError: the weights are not available or damaged, or the family's entries are not the backbone's.
        """
        # MMEngine initialises the children of a module after the module itself, and would overwrite the loaded weights.
        for child in module.children():
            if hasattr(child, "init_weights"):
                child.init_weights()
                child.is_init = True
        family = importlib.import_module(f"{type(module).__module__.rpartition('.')[0]}.imagenet")
        ours = module.state_dict()
        filled = {**ours, **family.from_imagenet(imagenet_state_dict(self.weights), ours)}
        if problems := mismatch(filled, ours):
            raise SegReproError(
                f"{family.__name__}.from_imagenet: found entries of {self.weights} that do not fit"
                f" {type(module).__name__} ({problems}); expected entries of the backbone in their own shapes."
                " Name the weights of its depth in the config's init_cfg"
            )
        module.load_state_dict(filled)
        update_init_info(module, init_info=f"ImageNetInit: {self.weights}")

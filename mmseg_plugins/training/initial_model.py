"""The network before its first training step."""

from mmengine.config import Config
from mmengine.runner import set_random_seed
from mmseg.models.segmentors import BaseSegmentor

from mmseg_plugins.networks.network import build_network


def initial_model(config: Config, seed: int) -> BaseSegmentor:
    """Builds and initialises a network exactly as MMEngine's Runner does at the start of a training.

    Args:
        config: an MMSegmentation config.
        seed: the run's seed.

    Returns:
        The segmentor, on the CPU, with the weights that training with this config and seed starts from; those of an
        earlier stage, which would be loaded next, are no part of it.
    """
    set_random_seed(seed)
    network = build_network(config)
    network.init_weights()
    return network

"""The evidence of a network's size and work."""

import torch
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.evidence import Complexity, Profile, Run, TrainingMemory
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance

from .inputs import TYPICAL_SIZE, input_of_recipe
from .structure import COMMON_SIZE, count_inference_parameters, count_macs, count_parameters
from .training_memory import count_training_memory


def counted_structure(settings: Config, run: Run) -> Profile:
    """Counts the parameters and multiply-accumulates of a config's network, and the memory of its training.

    Args:
        settings: the network is built from it and gets no weights.
        run: stands in the evidence; input sizes are that of its dataset's images, where they have one size, and
            `COMMON_SIZE`. The training's is the recipe's on such an image, or on one of `TYPICAL_SIZE`.
    """
    provenance = begin_provenance(settings, torch.device("cpu"), dataset=run.dataset)
    network = build_network(settings)
    image_size = loader.dataset(run.dataset).image_size
    batch, height, width = input_of_recipe(settings, *(image_size or TYPICAL_SIZE))
    step = count_training_memory(settings, batch, height, width)
    return Profile(
        run=run,
        parameters=count_parameters(network),
        inference_parameters=count_inference_parameters(network),
        complexity=tuple(
            Complexity(height=height, width=width, macs=count_macs(network, height, width))
            for width, height in dict.fromkeys([image_size or COMMON_SIZE, COMMON_SIZE])
        ),
        training=TrainingMemory(batch=batch, height=height, width=width, **step._asdict(), peak=None),
        provenance=end_provenance(provenance),
    )

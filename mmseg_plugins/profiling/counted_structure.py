"""The evidence of a network's size and work."""

import torch
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.evidence import Complexity, Profile, Run
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance

from .structure import COMMON_SIZE, count_inference_parameters, count_macs, count_parameters


def counted_structure(settings: Config, run: Run) -> Profile:
    """Counts the parameters and multiply-accumulates of a config's network.

    Args:
        settings: the network is built from it and gets no weights.
        run: stands in the evidence; input sizes are that of its dataset's images, where they have one size, and
            `COMMON_SIZE`.
    """
    provenance = begin_provenance(settings, torch.device("cpu"), dataset=run.dataset)
    network = build_network(settings)
    sizes = dict.fromkeys([loader.dataset(run.dataset).image_size or COMMON_SIZE, COMMON_SIZE])
    return Profile(
        run=run,
        parameters=count_parameters(network),
        inference_parameters=count_inference_parameters(network),
        complexity=tuple(
            Complexity(height=height, width=width, macs=count_macs(network, height, width)) for width, height in sizes
        ),
        provenance=end_provenance(provenance),
    )

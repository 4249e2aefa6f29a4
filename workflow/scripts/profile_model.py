"""Counts parameters and multiply-accumulates of a config's network; needs neither data nor weights."""

from pathlib import Path
from typing import Annotated

import torch

from data_manifests import loader
from data_manifests.schemas.evidence import Complexity, Profile, Run
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.profiling.structure import COMMON_SIZE, count_inference_parameters, count_macs, count_parameters


def main(
    config: options.Config,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    out: Annotated[Path, options.file_to_write("profile.json to write")],
    seed: options.Seed = 0,
) -> None:
    """Counts parameters and multiply-accumulates of a config's network; needs neither data nor weights.

    Input sizes are that of the dataset's images, where they have one size, and 1024x512.
    """
    settings = read_config(config)
    provenance = begin_provenance(settings, torch.device("cpu"), dataset=dataset)
    network = build_network(settings)
    sizes = dict.fromkeys([loader.dataset(dataset).image_size or COMMON_SIZE, COMMON_SIZE])
    profile = Profile(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        parameters=count_parameters(network),
        inference_parameters=count_inference_parameters(network),
        complexity=tuple(
            Complexity(height=height, width=width, macs=count_macs(network, height, width)) for width, height in sizes
        ),
        provenance=end_provenance(provenance),
    )
    atomic_write(out, profile.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    run(main)

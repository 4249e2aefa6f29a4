"""Counts parameters and multiply-accumulates of a config's network; needs neither data nor weights."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import torch
from mmengine.config import Config
from typer import Option

from data_manifests import loader
from data_manifests.schemas.evidence import Complexity, Profile, Run
from data_manifests.schemas.suite import Route
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.structure import COMMON_SIZE, count_inference_parameters, count_macs, count_parameters
from mmseg_plugins.runtime.provenance import collect_provenance, config_sha256
from segrepro.atomic import atomic_write
from workflow.command_line import run


def main(
    config: Annotated[Path, Option(help="MMSegmentation config of the model on the dataset")],
    dataset: Annotated[str, Option(help="name of the dataset's manifest")],
    model: Annotated[str, Option(help="name of the model, for the evidence")],
    route: Annotated[Route, Option(help="where the weights come from, for the evidence")],
    out: Annotated[Path, Option(help="profile.json to write")],
    seed: Annotated[int, Option(help="seed of the run, for the evidence")] = 0,
) -> None:
    """Counts parameters and multiply-accumulates of a config's network; needs neither data nor weights.

    Input sizes are that of the dataset's images, where they have one size, and 1024x512.
    """
    started = datetime.now(UTC)
    settings = Config.fromfile(config)
    network = build_network(settings)
    sizes = dict.fromkeys([loader.dataset(dataset).image_size or COMMON_SIZE, COMMON_SIZE])
    profile = Profile(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        parameters=count_parameters(network),
        inference_parameters=count_inference_parameters(network),
        complexity=tuple(
            Complexity(height=height, width=width, macs=count_macs(network, height, width)) for width, height in sizes
        ),
        provenance=collect_provenance(
            config_sha256=config_sha256(settings),
            checkpoint_sha256=None,
            dataset=dataset,
            device=torch.device("cpu"),
            started=started,
        ),
    )
    atomic_write(out, profile.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    run(main)

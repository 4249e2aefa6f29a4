"""Measures how fast a config's network is on this machine, and how much memory it takes; needs no data, no weights."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Annotated

import torch
from mmengine.config import Config
from typer import Option

from data_manifests import loader
from data_manifests.schemas.evidence import Efficiency, Run, TrainingMemory
from data_manifests.schemas.suite import Route
from mmseg_plugins.device import choose_device
from mmseg_plugins.network import build_network
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.inference import profile_inference
from mmseg_plugins.profiling.structure import COMMON_SIZE
from mmseg_plugins.profiling.timing import Effort
from mmseg_plugins.profiling.training_memory import count_training_memory, input_of_recipe, peak_training_bytes
from mmseg_plugins.provenance import collect_provenance, config_sha256
from mmseg_plugins.quiet_libraries import quiet_libraries
from workflow.atomic_write import atomic_write
from workflow.command_line import run


def main(
    config: Annotated[Path, Option(help="MMSegmentation config of the model on the dataset")],
    dataset: Annotated[str, Option(help="name of the dataset's manifest")],
    model: Annotated[str, Option(help="name of the model, for the evidence")],
    route: Annotated[Route, Option(help="where the weights come from, for the evidence")],
    out: Annotated[Path, Option(help="efficiency.json to write")],
    seed: Annotated[int, Option(help="seed of the run, for the evidence")] = 0,
    device: Annotated[str | None, Option(help="cpu or cuda; by default cuda where there is one")] = None,
    seconds: Annotated[float, Option(help="limit for the latency of one precision and mode")] = 60,
) -> None:
    """Measures how fast a config's network is on this machine, and how much memory it takes.

    Needs no data, no weights, and a machine that does nothing else meanwhile.
    """
    started = datetime.now(UTC)
    place = choose_device(device)
    torch.backends.cudnn.benchmark = True
    settings = Config.fromfile(config)
    width, height = loader.dataset(dataset).image_size or COMMON_SIZE
    conditions = ConditionsOf(place)
    with quiet_libraries():
        network = build_network(settings).to(place)
        inference = tuple(
            profile_inference(network, width, height, precision, mode, Effort(seconds=seconds))
            for precision, mode in product(("fp32", "amp"), ("eager", "compiled"))
        )
        during_inference = conditions.read()
        del network  # or it would be part of the peak
        recipe = input_of_recipe(settings, width, height)
        counted = count_training_memory(settings, *recipe)
        torch.backends.cudnn.benchmark = settings.env_cfg.cudnn_benchmark  # other algorithms take other memory
        peak = peak_training_bytes(settings, *recipe, place)
    efficiency = Efficiency(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        conditions=during_inference,
        inference=inference,
        training=TrainingMemory(
            **dict(zip(("batch", "height", "width"), recipe, strict=True)), **counted._asdict(), peak=peak
        ),
        provenance=collect_provenance(
            config_sha256=config_sha256(settings),
            checkpoint_sha256=None,
            dataset=dataset,
            device=place,
            started=started,
        ),
    )
    atomic_write(out, efficiency.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    run(main)

"""Measures how fast a config's network is on this machine, and how much memory it takes; needs no data, no weights."""

from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated

import torch
from mmengine.config import Config

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Efficiency, Run, TrainingMemory
from mmseg_plugins.profiling.conditions import ConditionsOf
from mmseg_plugins.profiling.failures import failure_of
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.machine import network_runs
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg.models.segmentors import BaseSegmentor

    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.profiling.inference import MODES, PRECISIONS, forward_pass, noise, profile_inference, synchronize
    from mmseg_plugins.profiling.inputs import TYPICAL_SIZE, input_of_recipe, input_of_test
    from mmseg_plugins.profiling.structure import COMMON_SIZE
    from mmseg_plugins.profiling.timing import Effort, measure_latency
    from mmseg_plugins.profiling.training_memory import count_training_memory, peak_training_bytes

SPEEDS = ("fps", "speedup")


def main(
    config: options.Config,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    out: Annotated[Path, options.file_to_write("efficiency.json to write")],
    seed: options.Seed = 0,
    device: options.Device = None,
    seconds: options.Seconds = 60,
) -> None:
    """Measures how fast a config's network is on this machine, and how much memory it takes.

    Input sizes are the one that the test pipeline feeds, those that papers time this network at, and that of the
    dataset's images. Needs no data, no weights, and a machine that does nothing else meanwhile.
    """
    chosen = choose_device(device)
    torch.backends.cudnn.benchmark = True
    settings = read_config(config)
    provenance = begin_provenance(settings, chosen, dataset=dataset)
    image_size = loader.dataset(dataset).image_size
    with network_runs(alone=True), quiet_libraries():
        sizes = _sizes(settings, image_size, model)
        network = build_network(settings).to(chosen)
        _warm_up(network, chosen)
        conditions = ConditionsOf(chosen)
        inference = tuple(
            profile_inference(network, width, height, precision, mode, Effort(seconds=seconds))
            for (width, height), precision, mode in product(sizes, PRECISIONS, MODES)
        )
        during_inference = conditions.read()
        del network  # or it would be part of the peak
        training = _training_memory(settings, image_size or TYPICAL_SIZE, chosen)
    efficiency = Efficiency(
        run=Run(model=model, dataset=dataset, route=route, seed=seed),
        conditions=during_inference,
        inference=inference,
        training=training,
        provenance=end_provenance(provenance),
    )
    evidence_file.write(out, efficiency)


def _sizes(settings: Config, image_size: tuple[int, int] | None, model: str) -> list[tuple[int, int]]:
    """Widths and heights to time, the test pipeline's first.

    Papers do not always say which side they write first; the longer one is the width.
    """
    claimed = [
        (max(claim.image_size), min(claim.image_size))
        for claim in loader.claims()
        if claim.own and claim.variant == model and claim.image_size and claim.metric.partition("_vs:")[0] in SPEEDS
    ]
    found = dict.fromkeys([input_of_test(settings, image_size), *claimed, image_size])
    return [size for size in found if size is not None] or [COMMON_SIZE]


def _warm_up(network: BaseSegmentor, device: torch.device) -> None:
    """Keeps the device busy for a second, on an image that every network takes."""
    forward, image = forward_pass(network, "fp32", "eager"), noise(1, 512, 512, device)
    measure_latency(lambda: forward(image), partial(synchronize, device), Effort(seconds=1))


def _training_memory(settings: Config, image_size: tuple[int, int], device: torch.device) -> TrainingMemory:
    """Counts, and on a GPU measures, one training step of the recipe on the dataset's images."""
    recipe = input_of_recipe(settings, *image_size)
    step = (
        dict(zip(("batch", "height", "width"), recipe, strict=True))
        | count_training_memory(settings, *recipe)._asdict()
    )
    if device.type == "cpu":
        return TrainingMemory(**step, peak=None)
    benchmark = settings.env_cfg.cudnn_benchmark  # other algorithms take other memory
    torch.backends.cudnn.benchmark = benchmark
    try:
        peak, failure = peak_training_bytes(settings, *recipe, device), None
    except RuntimeError as error:
        peak, failure = None, failure_of(error)
        if failure is None:
            raise
    return TrainingMemory(**step, peak=peak, cudnn_benchmark=benchmark, failure=failure)


if __name__ == "__main__":
    run(main)

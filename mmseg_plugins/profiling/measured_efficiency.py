"""The evidence of a network's speed and memory on this machine."""

import math
from functools import partial

import torch
from mmengine.config import Config
from mmseg.models.segmentors import BaseSegmentor

from data_manifests import loader
from data_manifests.schemas.evidence import Efficiency, Run, TrainingMemory
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.runtime.provenance import begin_provenance, end_provenance

from .conditions import ConditionsOf
from .failures import failure_of
from .inference import WAYS, Mode, Precision, forward_pass, noise, profile_inference, synchronize
from .inputs import TYPICAL_SIZE, input_of_recipe, input_of_test
from .roofline import floor_ms, measure_peaks, work_of
from .structure import COMMON_SIZE
from .timing import Effort, measure_latency
from .training_memory import count_training_memory, peak_training_bytes

SPEEDS = ("fps", "speedup")
"""Metrics of claims whose input sizes are timed."""
WAYS_ELSEWHERE: tuple[tuple[Precision, Mode], ...] = (("fp32", "eager"), ("fp32", "compiled"), ("amp", "eager"))
"""On a CPU, where a network is compiled for minutes, at other sizes than `COMMON_SIZE`."""
SECONDS_OF_PEAK = 2.0
"""The longest that each peak of the machine is measured."""


def measured_efficiency(settings: Config, run: Run, device: torch.device, seconds: float) -> Efficiency:
    """Measures how fast a config's network is on a device, and how much memory it takes.

    Input sizes are the one that the test pipeline feeds, those that papers time this network at, and `COMMON_SIZE`.
    Nothing else may run on the machine meanwhile.

    Args:
        settings: the network is built from it and gets no weights.
        run: stands in the evidence.
        device: where to measure; cuDNN is told to choose the fastest algorithms, and stays so.
        seconds: limit for the latency of one size, precision and mode.
    """
    torch.backends.cudnn.benchmark = True
    provenance = begin_provenance(settings, device, dataset=run.dataset)
    image_size = loader.dataset(run.dataset).image_size
    network = build_network(settings).to(device)
    _warm_up(network, device)
    conditions = ConditionsOf(device)
    peaks = measure_peaks(device, min(seconds, SECONDS_OF_PEAK))
    inference = []
    for width, height in sizes(settings, image_size, run.model):
        work = work_of(network, height, width)
        for precision, mode in ways((width, height), device):
            effort, largest = Effort(seconds=seconds), largest_batch(mode, device)
            timed = profile_inference(network, width, height, precision, mode, effort, largest)
            inference.append(timed.model_copy(update={"floor_ms": floor_ms(work, peaks, precision)}))
    during_inference = conditions.read()
    del network  # or it would be part of the peak
    return Efficiency(
        run=run,
        conditions=during_inference,
        peaks=peaks,
        inference=tuple(inference),
        training=_training_memory(settings, image_size or TYPICAL_SIZE, device),
        provenance=end_provenance(provenance),
    )


def sizes(settings: Config, image_size: tuple[int, int] | None, model: str) -> list[tuple[int, int]]:
    """Widths and heights to time, the test pipeline's first.

    Papers do not always say which side they write first; the longer one is the width.
    """
    claimed = [
        (max(claim.image_size), min(claim.image_size))
        for claim in loader.claims()
        if claim.own and claim.variant == model and claim.image_size and claim.metric.partition("_vs:")[0] in SPEEDS
    ]
    found = dict.fromkeys([input_of_test(settings, image_size), *claimed, COMMON_SIZE])
    return [size for size in found if size is not None]


def ways(size: tuple[int, int], device: torch.device) -> tuple[tuple[Precision, Mode], ...]:
    """The precisions and modes to time at a width and height: all of them, but on a CPU only at `COMMON_SIZE`."""
    return WAYS if size == COMMON_SIZE or device.type != "cpu" else WAYS_ELSEWHERE


def largest_batch(mode: Mode, device: torch.device) -> float:
    """To try for the throughput. A CPU compiles each batch size for minutes, so there only eager mode has no limit."""
    return 1 if device.type == "cpu" and mode != "eager" else math.inf


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

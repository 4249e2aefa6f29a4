"""Speed and memory of a network's forward pass.

The input is a normalised tensor on the device, the output are logits of the same size. Decoding, normalisation and
argmax are not included, as in the papers' own timings. Networks are in evaluation and inference mode and in
channels-last layout, as in the suite's predictions; once more in PyTorch's default layout, to show what that brings.
"""

import functools
import math
from collections.abc import Callable
from typing import Literal

import torch
from mmseg.models.segmentors import BaseSegmentor
from torch import Tensor

from data_manifests.schemas.evidence import Inference, Latency, Throughput

from .activations import highest_activation_bytes
from .failures import failure_of
from .main_memory import main_memory_bytes
from .shapes_only import shapes_only
from .timing import Effort, measure_latency

Precision = Literal["fp32", "amp"]
Mode = Literal["eager", "compiled", "contiguous"]
WAYS: tuple[tuple[Precision, Mode], ...] = (
    ("fp32", "eager"), ("fp32", "compiled"), ("fp32", "contiguous"), ("amp", "eager"), ("amp", "compiled"),
)  # fmt: skip
"""How a network is measured: as written before anything else."""
GROWTH = 1.05
"""The batch is doubled as long as this multiplies the throughput by at least this factor."""
MEMORY_SHARE = 0.5
"""Largest share of the main memory for the feature maps of a batch on a CPU; the rest is for weights, buffers of
operations and the system."""
RECOMPILE_LIMIT = 64
"""Each batch size is compiled again. After its default limit of 8 compilations PyTorch would silently run eagerly."""


def profile_inference(
    network: BaseSegmentor,
    width: int,
    height: int,
    precision: Precision,
    mode: Mode,
    effort: Effort,
    largest_batch: float = math.inf,
) -> Inference:
    """Measures latency at batch 1, throughput at the best batch, and the peak of the memory at batch 1.

    Args:
        network: on the device to use.
        width: of the input, in pixels.
        height: of the input, in pixels.
        precision: float32, or autocast to float16 on CUDA and to bfloat16 on a CPU.
        mode: as written, compiled, or as written in the default layout (N, C, H, W) instead of channels-last.
        effort: for the latency; the time limit of each batch size is a fifth of it.
        largest_batch: to try for the throughput.

    Returns:
        The measurements, or the failure if this machine cannot compile the network or one image does not fit into the
        accelerator's memory. A larger batch that fails only ends the search for the best batch size.
    """
    settings = {"height": height, "width": width, "precision": precision, "mode": mode}
    device = next(network.parameters()).device
    wait = functools.partial(synchronize, device)
    in_memory = _largest_batch(network, width, height, precision)
    forward = forward_pass(network, precision, mode)
    images = functools.partial(noise, width=width, height=height, device=device, mode=mode)
    torch._dynamo.reset()  # compilations of earlier measurements would count towards the limit
    try:
        with torch._dynamo.config.patch(recompile_limit=RECOMPILE_LIMIT, fail_on_recompile_limit_hit=True):
            image = images(1)
            latency = measure_latency(lambda: forward(image), wait, effort)
            peak = _peak_bytes(lambda: forward(image), device)
            of_each = effort._replace(seconds=effort.seconds / 5)
            throughput = _best_throughput(forward, images, wait, of_each, in_memory, largest_batch, latency)
    except Exception as error:
        if (failure := failure_of(error)) is None:
            raise
        return Inference(**settings, latency=None, throughput=None, peak_bytes=None, failure=f"{failure} at batch 1")
    return Inference(**settings, latency=latency, throughput=throughput, peak_bytes=peak, failure=None)


def forward_pass(network: BaseSegmentor, precision: Precision, mode: Mode) -> Callable[[Tensor], Tensor]:
    """A network as a function from images (N, 3, H, W), normalised, to logits (N, C, H, W).

    Args:
        network: put into evaluation mode and the mode's layout.
        precision: see `profile_inference`.
        mode: see `profile_inference`.
    """
    network = network.eval().to(memory_format=_layout(mode))
    device = next(network.parameters()).device

    def logits(images: Tensor) -> Tensor:
        size = {"img_shape": images.shape[2:], "pad_shape": images.shape[2:], "ori_shape": images.shape[2:]}
        return network.encode_decode(images, [size] * len(images))

    run = torch.compile(logits) if mode == "compiled" else logits

    def forward(images: Tensor) -> Tensor:
        with torch.inference_mode(), torch.autocast(device.type, low_precision(device), enabled=precision == "amp"):
            return run(images)

    return forward


def low_precision(device: torch.device) -> torch.dtype:
    """What autocast computes in: float16 on CUDA, bfloat16 on a CPU."""
    return torch.float16 if device.type == "cuda" else torch.bfloat16


def _layout(mode: Mode) -> torch.memory_format:
    return torch.contiguous_format if mode == "contiguous" else torch.channels_last


def noise(batch_size: int, width: int, height: int, device: torch.device, mode: Mode = "eager") -> Tensor:
    """Images (N, 3, H, W), float32, in the mode's layout; their standard normal values do not affect the speed."""
    images = torch.randn(batch_size, 3, height, width, generator=torch.Generator().manual_seed(0))
    return images.to(device, memory_format=_layout(mode))


def synchronize(device: torch.device) -> None:
    """Waits until the device has finished all its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _peak_bytes(call: Callable[[], object], device: torch.device) -> int | None:
    if device.type != "cuda":
        return None
    torch.cuda.reset_peak_memory_stats(device)
    call()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device)


def _largest_batch(network: BaseSegmentor, width: int, height: int, precision: Precision) -> float:
    """How many images fit into the main memory; infinite on an accelerator, which raises an error when it is full.

    When the main memory is full, the system kills the program. So the feature maps that the network holds at the same
    time are counted from tensor shapes, in eager mode. Those of a batch may take half of the memory of this process.
    """
    device = next(network.parameters()).device
    if device.type != "cpu":
        return math.inf
    forward = forward_pass(network, precision, "eager")
    with shapes_only():
        of_one = highest_activation_bytes(lambda: forward(torch.empty(1, 3, height, width)))
    return MEMORY_SHARE * main_memory_bytes() / of_one


def _best_throughput(
    forward: Callable[[Tensor], Tensor],
    images: Callable[[int], Tensor],
    wait: Callable[[], None],
    effort: Effort,
    in_memory: float,
    largest: float,
    of_one: Latency,
) -> Throughput:
    """Doubles the batch until the throughput grows by less than 5 %, the machine fails, or `largest` is reached.

    Starts with the latency of one image, so the result is never below its throughput.
    """
    best, batch = _throughput(1, of_one), 2
    while batch <= largest:
        if batch > in_memory:
            return best.model_copy(update={"ended_by": f"half of the main memory at batch {batch}"})
        try:
            latency = measure_latency(functools.partial(forward, images(batch)), wait, effort)
        except Exception as error:
            if (failure := failure_of(error)) is None:
                raise
            return best.model_copy(update={"ended_by": f"{failure} at batch {batch}"})
        found = _throughput(batch, latency)
        if found.images_per_s < GROWTH * best.images_per_s:
            return best
        best, batch = found, 2 * batch
    return best


def _throughput(batch: int, latency: Latency) -> Throughput:
    bounds = latency.interval_ms
    return Throughput(
        batch=batch,
        images_per_s=1000 * batch / latency.median_ms,
        interval=bounds and (1000 * batch / bounds[1], 1000 * batch / bounds[0]),
        converged=latency.converged,
    )

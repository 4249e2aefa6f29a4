"""The least time that a network can take on a machine: its multiply-accumulates and bytes at the machine's peak.

The roofline model (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009), for each operation by itself.
"""

import copy
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from mmseg.models.segmentors import BaseSegmentor
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from data_manifests.schemas.evidence import Peaks

from .inference import Precision, low_precision, synchronize
from .timing import seconds_of

SIDE = {"cpu": 2048, "cuda": 8192}
"""Of the square matrices whose product shows a device's peak: large enough that more of it makes no difference."""
COPIED = 2**28
"""Bytes that are copied to show the bandwidth: many times what caches hold."""


class Work(NamedTuple):
    """What one operation of a network has to do."""

    macs: int
    elements: int
    """Of the tensors that it reads, weights included, and writes."""


def work_of(network: BaseSegmentor, height: int, width: int) -> list[Work]:
    """Counts the work of each convolution and matrix product for one image, up to the logits before they are resized.

    Everything else counts as free, as if it were done while a neighbour of these reads or writes. Nothing is computed:
    the tensors have no storage.

    Args:
        network: on any device; left as it is.
        height: of the input, in pixels.
        width: of the input, in pixels.
    """
    meta_network = copy.deepcopy(network).to("meta").eval()
    counted = _CountedWork()
    with torch.no_grad(), counted:
        meta_network(torch.empty(1, 3, height, width, device="meta"), mode="tensor")
    return counted.work


def floor_ms(work: list[Work], peaks: Peaks, precision: Precision) -> float:
    """The least milliseconds that the work takes.

    Each operation takes as long as its multiply-accumulates at the peak, or its bytes at the bandwidth, whichever is
    longer. A network can be faster where its maps stay in caches between operations.

    Args:
        work: of `work_of`.
        peaks: of the machine.
        precision: whose peak counts, and whose bytes a number has.
    """
    rate, size = (peaks.fp32_macs_per_s, 4) if precision == "fp32" else (peaks.amp_macs_per_s, 2)
    return 1000 * sum(max(each.macs / rate, size * each.elements / peaks.bytes_per_s) for each in work)


def measure_peaks(device: torch.device, seconds: float) -> Peaks:
    """Measures a device's peak: the fastest of many large matrix products, and of many large copies.

    Args:
        device: to measure, warmed up.
        seconds: for each of the three.
    """
    wait = partial(synchronize, device)
    side = SIDE[device.type]
    rates = []
    with torch.inference_mode():
        for dtype in (torch.float32, low_precision(device)):
            left, right = (torch.ones(side, side, dtype=dtype, device=device) for _ in range(2))
            rates.append(side**3 / _fastest(partial(torch.mm, left, right), wait, seconds))
        source = torch.ones(COPIED, dtype=torch.uint8, device=device)
        target = torch.empty_like(source)
        copied = _fastest(partial(target.copy_, source), wait, seconds)
    return Peaks(fp32_macs_per_s=rates[0], amp_macs_per_s=rates[1], bytes_per_s=2 * COPIED / copied)


def _fastest(call: Callable[[], object], wait: Callable[[], None], seconds: float) -> float:
    call()
    end = time.perf_counter() + seconds
    fastest = seconds_of(call, wait, time.perf_counter)
    while time.perf_counter() < end:
        fastest = min(fastest, seconds_of(call, wait, time.perf_counter))
    return fastest


class _CountedWork(TorchDispatchMode):
    """Records the work of each operation that PyTorch knows the multiply-accumulates of."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[Work] = []

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        result = function(*args, **kwargs)
        if (operations := flop_registry.get(getattr(function, "overloadpacket", None))) is not None:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)]
            # PyTorch counts a multiply-accumulate as two operations.
            macs = operations(*args, **kwargs, out_val=result) // 2
            self.work.append(Work(macs, sum(tensor.numel() for tensor in tensors)))
        return result

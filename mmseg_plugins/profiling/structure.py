"""The size of a network and the work of one forward pass, both exact and independent of any machine."""

import copy

import torch
from mmseg.models.segmentors import BaseSegmentor
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(network: BaseSegmentor) -> int:
    """Counts all parameters, also those that only training uses; running statistics are none."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_macs(network: BaseSegmentor, height: int, width: int) -> int:
    """Counts the multiply-accumulates of one image, up to the logits before they are resized.

    Convolutions, transposed convolutions (by input position) and matrix products count; normalisation, activations,
    pooling and interpolation do not. Nothing is computed: the tensors have no storage.

    Args:
        network: on any device; left as it is.
        height: of the input, in pixels.
        width: of the input, in pixels.
    """
    described = copy.deepcopy(network).to("meta").eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        described(torch.empty(1, 3, height, width, device="meta"), mode="tensor")
    # PyTorch counts a multiply-accumulate as two operations.
    return counter.get_total_flops() // 2

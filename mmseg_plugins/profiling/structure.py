"""The number of parameters and operations of a network; both are exact and do not depend on the machine."""

import copy

import torch
from mmseg.models.segmentors import BaseSegmentor
from torch.utils.flop_counter import FlopCounterMode

COMMON_SIZE = (1024, 512)
"""Width and height at which networks of different datasets are compared."""


def count_parameters(network: BaseSegmentor) -> int:
    """Counts all parameters, including those that only training uses; running statistics are not parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_inference_parameters(network: BaseSegmentor) -> int:
    """Counts the parameters that the logits depend on: without auxiliary heads and others that only losses use.

    Nothing is computed: the tensors have no storage.

    Args:
        network: on any device; left as it is. It must take an image of 512x512 pixels.
    """
    meta_network = copy.deepcopy(network).to("meta").eval().requires_grad_(True)
    size = {"img_shape": (512, 512), "pad_shape": (512, 512), "ori_shape": (512, 512)}
    logits = meta_network.encode_decode(torch.empty(1, 3, 512, 512, device="meta"), [size])
    parameters = list(meta_network.parameters())
    gradients = torch.autograd.grad(logits.sum(), parameters, allow_unused=True)
    return sum(parameter.numel() for parameter, used in zip(parameters, gradients, strict=True) if used is not None)


def count_macs(network: BaseSegmentor, height: int, width: int) -> int:
    """Counts the multiply-accumulates of one image, up to the logits before they are resized.

    Convolutions, transposed convolutions (by input position) and matrix products count; normalisation, activations,
    pooling and interpolation do not. Nothing is computed: the tensors have no storage.

    Args:
        network: on any device; left as it is.
        height: of the input, in pixels.
        width: of the input, in pixels.
    """
    meta_network = copy.deepcopy(network).to("meta").eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        meta_network(torch.empty(1, 3, height, width, device="meta"), mode="tensor")
    # PyTorch counts a multiply-accumulate as two operations.
    operations: int = counter.get_total_flops()
    return operations // 2

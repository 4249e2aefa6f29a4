"""Memory of one training step."""

import gc
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.models.segmentors import BaseSegmentor
from mmseg.structures import SegDataSample
from torch import Tensor

from mmseg_plugins.networks.network import build_network

from .activations import saved_activation_bytes
from .shapes_only import shapes_only


class CountedBytes(NamedTuple):
    """Bytes of one training step; gradients and optimiser state are those of the parameters that get a gradient."""

    saved_activations: int
    weights: int
    gradients: int
    optimizer_state: int


def count_training_memory(config: Config, batch_size: int, height: int, width: int) -> CountedBytes:
    """Counts the memory that one training step holds when its backward pass begins, from tensor shapes alone.

    The losses are the recipe's, and every pixel has a label. Memory that the backward pass and operations need
    temporarily is not included. The count is that of the CPU's operations, up to some kilobytes; cuDNN's operations may
    save slightly more.

    Args:
        config: MMSegmentation config with `model` and `optim_wrapper`.
        batch_size: number of images.
        height: of the input, in pixels.
        width: of the input, in pixels.
    """
    network = build_network(
        config
    ).train()  # with values, because some initialisations draw random weights until they fit
    with shapes_only():
        optimizer = build_optim_wrapper(network, config.optim_wrapper).optimizer
        images, samples = _images_of_noise(batch_size, height, width)
        loss, saved = saved_activation_bytes(lambda: _total_loss(network, images, samples))
        loss.backward()
        optimizer.step()
    parameters = list(network.parameters())
    state = [value for of_one in optimizer.state.values() for value in of_one.values() if isinstance(value, Tensor)]
    return CountedBytes(
        saved_activations=saved,
        weights=_bytes([*parameters, *network.buffers()]),
        gradients=_bytes([parameter.grad for parameter in parameters if parameter.grad is not None]),
        optimizer_state=_bytes(state),
    )


def peak_training_bytes(config: Config, batch_size: int, height: int, width: int, device: torch.device) -> int:
    """Measures the peak memory of CUDA's allocator in the second training step, in float32.

    Unused memory of the allocator is freed first.

    Args:
        config: MMSegmentation config with `model` and `optim_wrapper`.
        batch_size: number of images.
        height: of the input, in pixels.
        width: of the input, in pixels.
        device: a GPU.

    Returns:
        Bytes.

    Raises:
        RuntimeError: the step does not fit into the memory, see `failures.failure_of`.
    """
    gc.collect()  # a network that was measured before may be kept alive by a reference cycle
    torch.cuda.empty_cache()
    network = build_network(config).train().to(device, memory_format=torch.channels_last)
    optimizer = build_optim_wrapper(network, config.optim_wrapper).optimizer
    images, samples = _images_of_noise(batch_size, height, width)
    images, samples = images.to(device), [sample.to(device) for sample in samples]
    for _ in range(2):  # the first step creates the optimiser state
        torch.cuda.reset_peak_memory_stats(device)
        optimizer.zero_grad()
        _total_loss(network, images, samples).backward()
        optimizer.step()
        torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device)


def _images_of_noise(batch_size: int, height: int, width: int) -> tuple[Tensor, list[SegDataSample]]:
    """Images (N, 3, H, W) and their labels, of the first two classes."""
    size = {"img_shape": (height, width), "pad_shape": (height, width), "ori_shape": (height, width)}
    labels = torch.randint(0, 2, (batch_size, 1, height, width))
    samples = [SegDataSample(metainfo=size, gt_sem_seg=PixelData(data=label)) for label in labels]
    return torch.randn(batch_size, 3, height, width), samples


def _total_loss(network: BaseSegmentor, images: Tensor, samples: list[SegDataSample]) -> Tensor:
    """The sum that MMEngine takes of the losses that it logs."""
    return network.parse_losses(network(images, samples, mode="loss"))[0]


def _bytes(tensors: list[Tensor]) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)

"""What one training step of a recipe needs to hold."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.models.segmentors import BaseSegmentor
from mmseg.structures import SegDataSample
from torch import Tensor

from mmseg_plugins.network import build_network
from mmseg_plugins.training.random_state import seeded

from .activations import saved_activation_bytes
from .shapes_only import shapes_only


class CountedBytes(NamedTuple):
    """Bytes of one training step; gradients and optimiser's state are those of the parameters that get a gradient."""

    saved_activations: int
    weights: int
    gradients: int
    optimizer_state: int


def count_training_memory(config: Config, batch: int, height: int, width: int) -> CountedBytes:
    """Counts what one training step holds when its backward pass begins, from shapes alone.

    The losses are the recipe's; labels are taken to be everywhere. What backward pass and operations need for
    themselves comes on top. Counted is what the CPU's operations save, to some kilobytes; cuDNN's may save a little
    more.

    Args:
        config: MMSegmentation config with `model` and `optim_wrapper`.
        batch: images.
        height: of the input, in pixels.
        width: of the input, in pixels.
    """
    network = build_network(config).train()  # with values, as random weights may be drawn until they fit
    with shapes_only():
        optimizer = build_optim_wrapper(network, config.optim_wrapper).optimizer
        images, samples = _images_of_noise(batch, height, width)
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


def peak_training_bytes(config: Config, batch: int, height: int, width: int, device: torch.device) -> int | None:
    """Measures the highest memory that CUDA's allocator holds in the second training step, in float32.

    Returns:
        Bytes; None on a CPU, whose peak PyTorch does not record, and where the step does not fit into the memory.
    """
    if device.type != "cuda":
        return None
    network = build_network(config).train().to(device, memory_format=torch.channels_last)
    optimizer = build_optim_wrapper(network, config.optim_wrapper).optimizer
    images, samples = _images_of_noise(batch, height, width)
    images, samples = images.to(device), [sample.to(device) for sample in samples]
    try:
        for _ in range(2):  # the first step makes the optimiser's state
            torch.cuda.reset_peak_memory_stats(device)
            optimizer.zero_grad()
            _total_loss(network, images, samples).backward()
            optimizer.step()
            torch.cuda.synchronize(device)
    except torch.cuda.OutOfMemoryError:
        return None
    return torch.cuda.max_memory_allocated(device)


def input_of_recipe(config: Config, width: int, height: int) -> tuple[int, int, int]:
    """Finds what a recipe's own pipeline makes of an image, by sending a blank one through it.

    Args:
        config: MMSegmentation config with `train_dataloader`, whose data need not be there.
        width: of the dataset's images, in pixels.
        height: of the dataset's images, in pixels.

    Returns:
        Batch size, height and width of the batches that the network trains on.
    """
    described = config.train_dataloader.dataset
    while "dataset" in described:
        described = described.dataset
    preprocessor = build_network(config).data_preprocessor  # first, as it sets MMSegmentation's registries
    pipeline = Compose(described.pipeline)
    with TemporaryDirectory() as folder, seeded(0):
        image, labels = Path(folder, "image.png"), Path(folder, "labels.png")
        cv2.imwrite(str(image), np.zeros((height, width, 3), np.uint8))
        cv2.imwrite(str(labels), np.random.default_rng(0).integers(0, 2, (height, width), np.uint8))
        blank = {
            "img_path": str(image),
            "seg_map_path": str(labels),
            "label_map": None,
            "reduce_zero_label": False,
            "seg_fields": [],
        }
        inputs = preprocessor(pseudo_collate([pipeline(blank)]), True)["inputs"]
    return config.train_dataloader.batch_size, *inputs.shape[2:]


def _images_of_noise(batch: int, height: int, width: int) -> tuple[Tensor, list[SegDataSample]]:
    """Images (N, 3, H, W) and their labels, of the first two classes."""
    size = {"img_shape": (height, width), "pad_shape": (height, width), "ori_shape": (height, width)}
    labels = torch.randint(0, 2, (batch, 1, height, width))
    samples = [SegDataSample(metainfo=size, gt_sem_seg=PixelData(data=label)) for label in labels]
    return torch.randn(batch, 3, height, width), samples


def _total_loss(network: BaseSegmentor, images: Tensor, samples: list[SegDataSample]) -> Tensor:
    """The sum that MMEngine takes of the losses that it logs."""
    return network.parse_losses(network(images, samples, mode="loss"))[0]


def _bytes(tensors: list[Tensor]) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)

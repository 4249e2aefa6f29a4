"""What gradient checkpointing of Ladder DenseNet saves: the memory that a training step keeps for its backward pass.

    python benchmarks/checkpointing_memory.py [--crop 768] [--batch 4] [--json table.json]

What counts is said in `mmseg_plugins/profiling/activations.py`. The number depends on shapes and on PyTorch's
derivatives, not on the machine. What operations need for themselves, and the one segment at a time that the backward
pass computes again, come on top.
"""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import nn
from torchvision.models.densenet import _DenseLayer, _Transition

from mmseg_plugins.ldn.checkpointing import recomputed
from mmseg_plugins.network import build_network
from mmseg_plugins.profiling.activations import saved_activation_bytes
from mmseg_plugins.quiet_libraries import quiet_libraries

CONFIG = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs/synthcity/ldn121.py"
LEVELS: dict[str, tuple[tuple[type[nn.Module], ...], bool]] = {
    "nothing": ((), False),
    "dense layers": ((_DenseLayer,), False),
    "dense layers, transitions": ((_DenseLayer, _Transition), False),
    "dense layers, transitions, classifier (`checkpointing=True`)": ((_DenseLayer, _Transition), True),
}
"""What is computed again: kinds of modules of the encoder, and whether the classifier is."""


def kept_bytes(level: str, crop: int, batch: int) -> int:
    """Bytes that one training step of LDN-121 with auxiliary losses keeps for its backward pass, in float32.

    Args:
        level: key of `LEVELS`.
        crop: side of the square images.
        batch: images.
    """
    torch.manual_seed(0)
    with quiet_libraries():
        network = build_network(Config.fromfile(CONFIG)).train()
    kinds, network.decode_head.checkpointing = LEVELS[level]
    network.backbone._run = partial(_run, kinds)  # the plug-in has one switch: all or nothing
    random = np.random.default_rng(0)
    labels = torch.from_numpy(random.integers(0, 19, (batch, crop, crop)))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]
    image = torch.from_numpy(random.standard_normal((batch, 3, crop, crop)).astype(np.float32))
    return saved_activation_bytes(lambda: _total_loss(network, image, samples))[1]


def _run(kinds: tuple[type[nn.Module], ...], module: nn.Module, inputs: Any) -> torch.Tensor:
    return recomputed(module, inputs) if isinstance(module, kinds) else module(inputs)


def _total_loss(network: EncoderDecoder, image: torch.Tensor, samples: list[SegDataSample]) -> torch.Tensor:
    losses = network(image, samples, mode="loss")
    return sum(value for name, value in losses.items() if "loss" in name)


def main() -> None:
    """Prints the table, and writes it as JSON if asked to. The defaults take about 10 GB."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crop", type=int, default=768, help="side of the square images, a multiple of 64")
    parser.add_argument("--batch", type=int, default=4, help="images, at least 2: the pyramid's 1x1 grid is normalised")
    parser.add_argument("--json", type=Path, help="file to write the table to as well")
    arguments = parser.parse_args()
    rows = []
    print(f"LDN-121, {arguments.crop}x{arguments.crop}, batch {arguments.batch}\n")
    print("| computed again | MiB kept | share |\n|---|---|---|")
    for level in LEVELS:
        kept = kept_bytes(level, arguments.crop, arguments.batch)
        rows.append({"recomputed": level, "crop": arguments.crop, "batch": arguments.batch, "kept_bytes": kept})
        print(f"| {level} | {kept / 2**20:.1f} | {kept / rows[0]['kept_bytes']:.1%} |", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

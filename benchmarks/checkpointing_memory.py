"""What gradient checkpointing of Ladder DenseNet saves: the memory that a training step keeps for its backward pass."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import torch
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import nn
from torchvision.models.densenet import _DenseLayer, _Transition
from typer import Option

from benchmarks.timing import table, write_json
from mmseg_plugins.networks.ldn.checkpointing import checkpointed
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.activations import saved_activation_bytes
from mmseg_plugins.profiling.shapes_only import shapes_only
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from workflow.command_line import run

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
    with quiet_libraries():
        network = build_network(Config.fromfile(CONFIG)).train()
    kinds, network.decode_head.checkpointing = LEVELS[level]
    network.backbone._run = partial(_run, kinds)  # the plug-in has one switch: all or nothing
    with shapes_only():
        labels = torch.zeros(batch, 1, crop, crop, dtype=torch.int64)
        samples = [SegDataSample(gt_sem_seg=PixelData(data=label)) for label in labels]
        images = torch.zeros(batch, 3, crop, crop)
        return saved_activation_bytes(lambda: _total_loss(network, images, samples))[1]


def _run(kinds: tuple[type[nn.Module], ...], module: nn.Module, inputs: Any) -> torch.Tensor:
    return checkpointed(module, inputs) if isinstance(module, kinds) else module(inputs)


def _total_loss(network: EncoderDecoder, image: torch.Tensor, samples: list[SegDataSample]) -> torch.Tensor:
    losses = network(image, samples, mode="loss")
    return sum(value for name, value in losses.items() if "loss" in name)


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/checkpointing_memory.json"),
    crop: Annotated[int, Option(min=64, help="side of the square images, a multiple of 64")] = 768,
    batch: Annotated[int, Option(min=2, help="images; with one the pyramid's 1x1 grid cannot be normalised")] = 4,
) -> None:
    """Counts it from shapes alone, so the number is the same on every machine.

    What counts is said in `mmseg_plugins/profiling/activations.py`. What operations need for themselves, and the one
    segment at a time that the backward pass computes again, come on top.
    """
    kept = {level: kept_bytes(level, crop, batch) for level in LEVELS}
    print(f"LDN-121, {crop}x{crop}, batch {batch}\n\n| computed again | MiB kept | share |\n|---|---|---|")
    for level, number in kept.items():
        print(f"| {level} | {number / 2**20:.1f} | {number / kept['nothing']:.1%} |")
    # Counted, so the same in every round.
    ratios = {
        f"bytes kept with nothing computed again / {level}": dict.fromkeys(("median", "low", "high"), saved)
        for level, saved in ((level, kept["nothing"] / number) for level, number in kept.items())
        if level != "nothing"
    }
    print("", table(ratios, "ratio"), sep="\n")
    write_json(out, {"crop": crop, "batch": batch, "kept_bytes": kept, "ratios": ratios})


if __name__ == "__main__":
    run(main)

"""What a GPU that is lent for minutes is used for: checks of its code paths, costs of all networks, then a training."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any

import torch
from mmengine.config import Config
from torch import Tensor
from typer import Option

from benchmarks.timing import write_json
from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Training
from mmseg_plugins.evaluation.confusion import count
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.inference import WAYS, forward_pass, noise
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.training.checkpoints import checkpoints
from segrepro.errors import SegReproError
from workflow.command_line import run
from workflow.scripts import measure_all

CONFIGS = Path("mmseg_plugins/configs")
FAMILIES = ("espnet_p2q3", "ldn121", "ladder_densenet121_2017", "shelfnet18_lw", "fcn2s_dilated_vgg16")
"""One network of each paper, on the embedded dataset."""
SIZE = (512, 256)
STEPS = 40
"""Of the short training; it is killed when the first checkpoint is there."""
COSTS_SHARE = 0.6
"""Of the time after the checks; the rest is for the training."""


def compare_logits(network_name: str, device: torch.device) -> dict[str, float]:
    """How far a device's logits are from the CPU's in float32, for each way a network is measured.

    Returns:
        The largest difference of any logit as a share of the largest logit.
    """
    torch.manual_seed(0)
    network = build_network(Config.fromfile(CONFIGS / f"synthcity/{network_name}.py"))
    expected = forward_pass(network, "fp32", "eager")(noise(1, *SIZE, torch.device("cpu")))
    network = network.to(device)
    apart = {}
    for precision, mode in WAYS:
        found: Tensor = forward_pass(network, precision, mode)(noise(1, *SIZE, device, mode)).float().cpu()
        apart[f"{precision}, {mode}"] = ((found - expected).abs().max() / expected.abs().max()).item()
    return apart


def compare_counts(device: torch.device) -> int:
    """Counts pixels of the same random maps on a device and on the CPU; returns how many counts differ."""
    label_set = loader.label_set("cityscapes")
    classes = len(label_set.classes)
    predicted, true = torch.randint(0, classes, (2, *SIZE), generator=torch.Generator().manual_seed(0))
    here, there = (
        count(predicted.to(place), true.to(place), None, label_set, num_outputs=classes, source="random maps")
        for place in (torch.device("cpu"), device)
    )
    return int((here.confusion != there.confusion).sum())


def compare_resumed(folder: Path, device: torch.device) -> dict[str, Any]:
    """Trains a small network twice for some steps, once killed and resumed.

    Args:
        folder: for both trainings.
        device: where to train.

    Returns:
        Whether losses and weights are equal, and the largest relative difference of two losses.
    """
    config = folder / "short.py"
    config.write_text(
        f'_base_ = "{(CONFIGS / "synthcity/espnet_p2q3.py").absolute()}"\ntrain_cfg = dict(max_iters={STEPS})\n'
        f"default_hooks = dict(checkpoint=dict(interval={STEPS // 4}))\n",
        encoding="utf-8",
    )
    whole, broken = folder / "whole", folder / "broken"
    _finish(train_command(config, whole, "synthcity", "espnet_p2q3", device))
    command = train_command(config, broken, "synthcity", "espnet_p2q3", device)
    killed = subprocess.Popen(command)
    while killed.poll() is None and not [file for sub in broken.glob("work/*") for file in checkpoints(sub)]:
        sleep(0.1)
    killed.kill()
    killed.wait()
    _finish(command)
    first, second = (evidence_file.read(place / "training.json", Training) for place in (whole, broken))
    apart = max(abs(a / b - 1) for a, b in zip(first.loss, second.loss, strict=True))
    equal = first.loss == second.loss and first.weights_sha256 == second.weights_sha256
    return {"equal": equal, "largest_difference_of_losses": apart}


def train_command(config: Path, folder: Path, dataset: str, model: str, device: torch.device) -> list[str]:
    """The command that trains a network into a folder."""
    return [
        sys.executable, "workflow/scripts/train.py", "--config", str(config), "--dataset", dataset, "--model", model,
        "--verified", f"data/verified/{dataset}.json", "--device", device.type, "--work-dir", str(folder / "work"),
        "--out", str(folder / "weights.pth"), "--evidence", str(folder / "training.json"),
    ]  # fmt: skip


def camvid_stages(device: torch.device) -> Iterator[list[str]]:
    """The commands that train ESPNet on CamVid, encoder first; the same ones go on with a training that was stopped."""
    for model, earlier in (("espnetc_p2q8", None), ("espnet_p2q8", "espnetc_p2q8")):
        folder = Path("results/camvid", model, "retrained/seed0")
        command = train_command(CONFIGS / f"camvid/{model}.py", folder, "camvid", model, device)
        if earlier is not None:
            command += ["--load-from", f"results/camvid/{earlier}/retrained/seed0/weights.pth"]
        yield command


def main(
    minutes: Annotated[float, Option(help="how long the GPU is there", min=0)] = 12,
    device: Annotated[str, Option(help="cpu or cuda")] = "cuda",
    folder: Annotated[Path, Option(help="empty folder for the short trainings")] = Path("results/gpu_session"),
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/gpu_session.json"),
) -> None:
    """Checks a GPU's code paths, measures all networks on it, and trains ESPNet on CamVid for as long as there is time.

    The order is that of what is worth most; each result is written as soon as it is there, and the same command goes on
    where the time ended. Before: `snakemake --cores all data/verified/synthcity.json data/verified/camvid.json`
    """
    end = monotonic() + 60 * minutes
    chosen = choose_device(device)
    missing = [name for name in ("synthcity", "camvid") if not Path(f"data/verified/{name}.json").is_file()]
    if missing:
        files = " ".join(f"data/verified/{name}.json" for name in missing)
        raise SegReproError(f"{files}: found none; expected prepared data. Next: snakemake --cores all {files}")
    folder.mkdir(parents=True, exist_ok=True)
    checks: dict[str, Any] = {"logits": {}}
    for network in FAMILIES:
        with quiet_libraries():
            checks["logits"][network] = compare_logits(network, chosen)
        print(network, json.dumps(checks["logits"][network]))
        write_json(out, checks, device=chosen)
    checks["differing_counts"] = compare_counts(chosen)
    checks["resumed_training"] = compare_resumed(folder, chosen)
    print(json.dumps({name: value for name, value in checks.items() if name != "logits"}))
    write_json(out, checks, device=chosen)
    measure_all.main(minutes=COSTS_SHARE * (end - monotonic()) / 60, device=device)
    for command in camvid_stages(chosen):
        try:
            _finish(command, timeout=max(0.0, end - monotonic()))
        except subprocess.TimeoutExpired:
            print("The time is up. The same command goes on with the training.")
            return


def _finish(command: list[str], timeout: float | None = None) -> None:
    """Runs a command to its end, or stops it as Ctrl-C does."""
    subprocess.run(command, check=True, timeout=timeout)


if __name__ == "__main__":
    run(main)

"""Two processes that share a batch train as one does: with its losses, its norms and its weights."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests import several_processes

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = PROJECT / "workflow/scripts/train.py"
ITERATIONS = 3

# In double precision, so that "within rounding" leaves no room for anything else. Dropout is off, as the two processes
# draw masks of their own, and the optimiser is no Adam, which makes steps of the rounding of a gradient that is zero.
CONFIG = """\
_base_ = ["{base}"]
custom_imports = dict(
    imports=["mmseg_plugins.datasets", "mmseg_plugins.networks", "mmseg_plugins.training", "cpu_training"]
)
custom_hooks = [*_base_.custom_hooks, dict(type="NoDropoutHook")]
train_dataloader = dict(
    _delete_=True,
    batch_size=4,
    num_workers=0,
    sampler=dict(type="SeededInfiniteSampler"),
    dataset=dict(
        type="SeededDataset",
        dataset=dict(
            type="CityscapesDataset",
            data_root="{data}",
            data_prefix=dict(img_path="images", seg_map_path="labels"),
            img_suffix=".png",
            seg_map_suffix=".png",
            pipeline=[
                dict(type="LoadImageFromFile"),
                dict(type="LoadAnnotations"),
                dict(type="RandomFlip", prob=0.5),
                dict(type="PackSegInputs"),
            ],
        ),
    ),
)
optim_wrapper = dict(_delete_=True, type="OptimWrapper", optimizer=dict(type="SGD", lr=0.01, momentum=0.9))
param_scheduler = [dict(type="PolyLR", power=0.9, begin=0, end={iterations}, by_epoch=False)]
train_cfg = dict(max_iters={iterations})
"""

CPU_TRAINING = (
    several_processes.SYNC_BN
    + """
import torch
from mmengine.hooks import Hook
from mmseg.registry import HOOKS

from mmseg_plugins.networks.fcn_dilated_vgg import backbone

torch.set_default_dtype(torch.float64)
# VGG with a sixteenth of its channels: the whole would take minutes.
backbone._CHANNELS = (3, 4, 8, 16, 32, 32)
backbone.FEATURES.update(pool1=4, pool2=8, pool3=16, pool4=32, fc7=64)


@HOOKS.register_module()
class NoDropoutHook(Hook):
    def before_train(self, runner):
        for module in runner.model.modules():
            if "Dropout" in type(module).__name__:
                module.p = 0
"""
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eight pictures, of which unlike parts are void, so that no two shares of a batch have as many labelled pixels."""
    folder = tmp_path_factory.mktemp("several")
    generator = np.random.default_rng(0)
    for kind in ("images", "labels"):
        (folder / "data" / kind).mkdir(parents=True)
    for number in range(8):
        picture = generator.integers(0, 256, (64, 128, 3), dtype=np.uint8)
        labels = generator.integers(0, 19, (8, 16), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
        labels[:, : 12 * number] = 255
        cv2.imwrite(str(folder / f"data/images/{number}.png"), picture)
        cv2.imwrite(str(folder / f"data/labels/{number}.png"), labels)
    (folder / "cpu_training.py").write_text(CPU_TRAINING)
    (folder / "verified.json").write_text(json.dumps({"labelled_sha256": 64 * "a"}))
    return folder


def trained(folder: Path, model: str, processes: int) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Losses and weights of a short training of a recipe for synthcity."""
    config, out = folder / f"{model}.py", folder / f"{model}-{processes}"
    base = PROJECT / f"mmseg_plugins/configs/synthcity/{model}.py"
    config.write_text(CONFIG.format(base=base, data=folder / "data", iterations=ITERATIONS))
    out.mkdir()
    running = several_processes.start(
        processes, PROGRAM, "--config", config, "--dataset", "synthcity", "--verified", folder / "verified.json",
        "--model", model, "--work-dir", out / "work", "--out", out / "weights.pth", "--evidence", out / "training.json",
        folder=folder, log=out / "log", PYTHONPATH=f"{PROJECT}:{folder}", OMP_NUM_THREADS="1",
    )  # fmt: skip
    several_processes.finish(running, out / "log")
    evidence = json.loads((out / "training.json").read_text())
    assert evidence["processes"] == processes
    return evidence["loss"], torch.load(out / "weights.pth", weights_only=True)["state_dict"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", ["espnet_p2q3", "ladder_densenet121_2017", "ldn121", "shelfnet18_lw", "fcn2s_dilated_vgg16"]
)
def test_two_processes_with_half_a_batch_each_end_as_one_with_all_of_it(folder, model):
    loss, weights = trained(folder, model, 1)
    shared_loss, shared = trained(folder, model, 2)
    assert len(set(loss)) == ITERATIONS
    assert shared_loss == pytest.approx(loss, rel=1e-7)
    assert weights.keys() == shared.keys()
    for name, value in weights.items():
        torch.testing.assert_close(shared[name], value, rtol=1e-6, atol=1e-9, msg=lambda m, name=name: f"{name}: {m}")

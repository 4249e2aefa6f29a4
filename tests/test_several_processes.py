"""Two processes that share a batch train as one does: with its losses, its norms and its weights."""

import json
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from filelock import FileLock
from mmengine.config import Config

from mmseg_plugins.training import random_state_hook, whole_batch
from mmseg_plugins.training.random_state import seeded
from segrepro.errors import SegReproError
from tests import several_processes
from tests.test_training import Project

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = PROJECT / "workflow/scripts/train.py"
ITERATIONS = 2

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
    batch_size=2,
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


LOSSES = """\
import json, os, sys
import torch
from mmengine.dist import all_reduce, get_rank
from mmseg.models.losses import CrossEntropyLoss
from mmseg_plugins.networks.shelfnet.loss import mean_of_hard
from mmseg_plugins.runtime.processes import joined_processes
from mmseg_plugins.training.whole_batch import WholeBatchDataParallel

torch.manual_seed(0)
losses = torch.rand(4, 50, dtype=torch.float64)
logits, labels = torch.randn(4, 3, 8, 8, dtype=torch.float64), torch.randint(0, 3, (4, 8, 8))
for number, label in enumerate(labels):
    label[: 2 * number] = 255


def values(share):
    yield mean_of_hard(losses[share].flatten(), 0.5, 10 * len(losses[share]))
    yield mean_of_hard(losses[share].flatten(), 0.9, 20 * len(losses[share]))
    for options in ({}, {"avg_non_ignore": True}, {"reduction": "sum"}, {"class_weight": [1.0, 2.0, 5.0]}):
        network = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1), CrossEntropyLoss(**options))
        if torch.distributed.is_initialized():
            network = WholeBatchDataParallel(network).module
        yield network[1](logits[share], labels[share], weight=None, ignore_index=255)


def mean(value):
    value = value.detach().clone()
    all_reduce(value, op="mean")
    return value.item()


whole = [value.item() for value in values(slice(None))]
with joined_processes(torch.device("cpu")):
    shared = [mean(value) for value in values(slice(get_rank(), None, 2))]
    if get_rank() == 0:
        print(json.dumps([whole, shared]))
"""


def test_the_mean_of_two_shares_losses_is_that_of_the_whole_batch(tmp_path):
    (tmp_path / "losses.py").write_text(LOSSES)
    running = several_processes.start(
        2, tmp_path / "losses.py", folder=tmp_path, log=tmp_path / "log", PYTHONPATH=str(PROJECT), OMP_NUM_THREADS="1"
    )
    said = several_processes.finish(running, tmp_path / "log")
    whole, shared = json.loads(next(line for line in said.splitlines() if line.startswith("[[")))
    assert len(set(whole)) == 6
    assert shared == pytest.approx(whole, rel=1e-7)


def test_a_batch_that_cannot_be_shared_equally_is_said_with_the_numbers_that_can(monkeypatch):
    monkeypatch.setattr(whole_batch, "get_world_size", lambda: 4)
    settings = Config({"train_dataloader": {"batch_size": 6}})
    with pytest.raises(SegReproError, match=r"found 6 images, which 4 GPUs .* expected 1, 2, 3, 6 GPUs"):
        whole_batch.share_batch(settings, torch.device("cuda"))


@pytest.mark.parametrize(("stated", "expected"), [({}, "torch"), ({"sync_bn": None}, None)])
def test_the_recipe_says_whether_norms_are_synchronised(monkeypatch, stated, expected):
    monkeypatch.setattr(whole_batch, "get_world_size", lambda: 2)
    settings = Config({"train_dataloader": {"batch_size": 6}, "find_unused_parameters": True, **stated})
    whole_batch.share_batch(settings, torch.device("cuda"))
    assert settings.sync_bn == expected
    assert settings.train_dataloader.batch_size == 3
    assert settings.model_wrapper_cfg.find_unused_parameters
    monkeypatch.undo()
    alone = Config({"train_dataloader": {"batch_size": 6}})
    whole_batch.share_batch(alone, torch.device("cuda"))
    assert alone.to_dict() == {"train_dataloader": {"batch_size": 6}}


def test_each_process_draws_its_own_dropout_and_the_first_as_one_alone(monkeypatch):
    class At:
        seed, iter = 3, 0

    drawn = []
    for rank in (0, 1, 2, 1):
        monkeypatch.setattr(random_state_hook, "get_rank", lambda rank=rank: rank)
        with seeded(3):
            random_state_hook.RandomStateHook().before_train_iter(At(), 0)
            drawn.append(torch.rand(1).item())
    with seeded(3):
        alone = torch.rand(1).item()
    assert len(set(drawn)) == 3 and drawn[1] == drawn[3] and drawn[0] == alone


@pytest.mark.slow
def test_two_processes_that_were_killed_end_bit_for_bit_as_two_that_were_not(tmp_path):
    """With dropout, which each process draws for itself, and with the best weights on val; the first holds the lock."""
    project = Project(tmp_path)
    config = project.config(best=True)
    config.write_text(config.read_text() + "sync_bn = None\n")

    def start(run: str, **kills: int) -> tuple[list[BaseProcess], Path]:
        arguments, log = project.arguments(config, run), tmp_path / run / "log"
        environment = project.environment(**kills)
        return several_processes.start(2, PROGRAM, *arguments, folder=tmp_path, log=log, **environment), log

    said = several_processes.finish(*start("undisturbed"))
    assert "100%" in said and "Warning" not in said
    processes, _ = start("killed", kill_at=13)
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [-signal.SIGKILL] * 2
    with FileLock(tmp_path / "killed/work/lock"):
        processes, log = start("killed")
        while "waiting" not in log.with_name("log0").read_text():
            assert processes[0].is_alive(), log.with_name("log0").read_text()
            time.sleep(0.1)
    said = several_processes.finish(processes, log)
    assert said.count("resuming from") == said.count("another process trains this run") == 1
    assert project.result("killed") == project.result("undisturbed")
    evidence = [json.loads((tmp_path / run / "training.json").read_text()) for run in ("killed", "undisturbed")]
    assert evidence[0]["selection"] == evidence[1]["selection"] is not None

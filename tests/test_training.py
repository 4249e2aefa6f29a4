"""Training is a function of config, seed and data: interruptions, loader workers and lookers-on leave no trace."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import cv2
import mmengine.device.utils
import numpy as np
import pytest
import torch
import torch._dynamo
import torch._inductor.config
from filelock import FileLock
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mmseg_plugins.training.atomic_backend import AtomicBackend
from mmseg_plugins.training.checkpoints import newest_whole_checkpoint
from mmseg_plugins.training.compile_hook import CompileHook, failures_said, require_compiler
from mmseg_plugins.training.initial_model import initial_model
from mmseg_plugins.training.non_finite_loss_hook import NonFiniteLossHook
from mmseg_plugins.training.quiet_runner import QuietRunner
from mmseg_plugins.training.random_state import random_state, seeded
from mmseg_plugins.training.random_state_hook import RandomStateHook
from mmseg_plugins.training.run_digest import run_digest
from mmseg_plugins.training.run_lock import run_lock
from mmseg_plugins.training.seeded_dataset import SeededDataset
from mmseg_plugins.training.seeded_sampler import SeededInfiniteSampler
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from tests import programs
from workflow.scripts import train

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = PROJECT / "workflow/scripts/train.py"
ITERATIONS = 24
INTERVAL = 5

CONFIG = """\
_base_ = ["{runtime}"]
custom_imports = dict(imports=["mmseg_plugins.datasets", "mmseg_plugins.training", "kill_hook"])
custom_hooks = [dict(type="RandomStateHook"), dict(type="NonFiniteLossHook"), dict(type="KillHook")]
default_hooks = dict(checkpoint=dict(interval={interval}), logger=dict(interval=12))
norm_cfg = dict(type="BN")
model = dict(
    type="EncoderDecoder",
    data_preprocessor=dict(type="SegDataPreProcessor", mean=[128] * 3, std=[60] * 3, size=(32, 32), seg_pad_val=255),
    backbone=dict(
        type="ResNet", depth=18, base_channels=4, stem_channels=4, num_stages=1, strides=(1,), dilations=(1,),
        out_indices=(0,), norm_cfg=norm_cfg,
    ),
    decode_head=dict(
        type="FCNHead", in_channels=4, channels=8, num_convs=1, num_classes=3, dropout_ratio=0.5, norm_cfg=norm_cfg,
        loss_decode=dict(type="CrossEntropyLoss", loss_weight={loss_weight}),
    ),
)
train_dataloader = dict(
    batch_size=2,
    num_workers={workers},
    sampler=dict(type="SeededInfiniteSampler"),
    dataset=dict(
        type="SeededDataset",
        dataset=dict(
            type="BaseSegDataset",
            data_root="{data}",
            data_prefix=dict(img_path="images", seg_map_path="labels"),
            img_suffix=".png",
            metainfo=dict(classes=("a", "b", "c"), palette=[[0, 0, 0], [1, 1, 1], [2, 2, 2]]),
            pipeline=[
                dict(type="LoadImageFromFile"),
                dict(type="LoadAnnotations"),
                dict(type="RandomResize", scale=(48, 40), ratio_range=(1.0, 1.5), keep_ratio=True),
                dict(type="RandomCrop", crop_size=(32, 32)),
                dict(type="RandomFlip", prob=0.5),
                dict(type="PhotoMetricDistortion"),
                dict(type="PackSegInputs"),
            ],
        ),
    ),
)
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr={lr}))
param_scheduler = [dict(type="PolyLR", power=0.9, begin=0, end={iterations}, by_epoch=False)]
train_cfg = dict(type="IterBasedTrainLoop", max_iters={iterations})
"""

# A recipe that hands on the best weights: validated every fourth iteration, between checkpoints and with one.
BEST_ON_VAL = """
custom_hooks += [dict(type="BestOnValHook", metrics=["aAcc", "mIoU"])]
train_cfg.update(val_interval=4)
model.update(test_cfg=dict(mode="whole"))
val_cfg = dict(type="ValLoop")
# Without this class the last validation is not the best.
val_evaluator = dict(type="IoUMetric", iou_metrics=["mIoU"], ignore_index=0)
validated = dict(
    train_dataloader["dataset"]["dataset"],
    pipeline=[
        dict(type="LoadImageFromFile"),
        dict(type="LoadAnnotations"),
        dict(type="RandomCrop", crop_size=(32, 32)),
        dict(type="ScoreAtInputSize"),
        dict(type="PackSegInputs"),
    ],
)
val_dataloader = dict(
    batch_size=1,
    num_workers={workers},
    sampler=dict(type="SeededSampler", shuffle=False),
    dataset=dict(type="SeededDataset", dataset=validated),
)
"""

AVERAGED = """
custom_hooks += [dict(type="EMAHook", momentum=0.1)]
"""

KILL_HOOK = """\
import os, signal
from mmengine.hooks import Hook
from mmseg.registry import HOOKS

@HOOKS.register_module()
class KillHook(Hook):
    def before_train_iter(self, runner, **_):
        if os.environ.get("KILL_AT") == str(runner.iter + 1):
            os.kill(os.getpid(), signal.SIGKILL)

    after_train = before_train_iter

    def after_val_iter(self, runner, **_):
        if os.environ.get("KILL_IN_VALIDATION") == str(runner.iter):
            os.kill(os.getpid(), signal.SIGKILL)
"""


class Project:
    """A folder with a tiny dataset and configs of a tiny network, to run the training program in."""

    def __init__(self, folder: Path):
        self.folder = folder
        generator = np.random.default_rng(0)
        for kind, high, shape in (("images", 256, (40, 48, 3)), ("labels", 3, (40, 48))):
            (folder / "data" / kind).mkdir(parents=True)
            for name in range(5):
                picture = generator.integers(0, high, shape, dtype=np.uint8)
                cv2.imwrite(str(folder / "data" / kind / f"{name}.png"), picture)
        (folder / "kill_hook.py").write_text(KILL_HOOK)
        self.verified = folder / "verified.json"
        self.verified.write_text(json.dumps({"labelled_sha256": 64 * "a"}))

    def config(
        self,
        name: str = "tiny",
        workers: int = 0,
        lr: float = 0.01,
        loss_weight: str = "1.0",
        best: bool = False,
        more: str = "",
    ) -> Path:
        path = self.folder / f"{name}.py"
        runtime = PROJECT / "mmseg_plugins/configs/_base_/runtime/default.py"
        path.write_text(
            CONFIG.format(
                runtime=runtime, data=self.folder / "data", workers=workers, lr=lr, loss_weight=loss_weight,
                iterations=ITERATIONS, interval=INTERVAL,
            )
            + (BEST_ON_VAL.format(workers=workers) if best else "")
            + more
        )  # fmt: skip
        return path

    def arguments(self, config: Path, run: str) -> list[object]:
        """What the training program is started with."""
        out = self.folder / run
        out.mkdir(exist_ok=True)
        return [
            "--config", config, "--seed", "3", "--dataset", "synthcity", "--verified", self.verified, "--model", "tiny",
            "--work-dir", out / "work", "--out", out / "weights.pth", "--evidence", out / "training.json",
        ]  # fmt: skip

    def environment(self, kill_at: int | None = None, kill_in_validation: int | None = None) -> dict[str, str]:
        """What the training program finds in its environment."""
        killed = {"KILL_AT": str(kill_at), "KILL_IN_VALIDATION": str(kill_in_validation)}
        return {"PYTHONPATH": f"{PROJECT}:{self.folder}", "OMP_NUM_THREADS": "1", **killed}

    def start(self, config: Path, run: str, *options: str, **killed: int | None) -> BaseProcess:
        """Starts the training program; what it says goes to the file `log`."""
        arguments, log = self.arguments(config, run), self.folder / run / "log"
        environment = self.environment(**killed)
        return programs.start(PROGRAM, *arguments, *options, folder=self.folder, log=log, **environment)

    def train(self, config: Path, run: str, *options: str, **killed: int | None) -> str:
        """Trains to the end, or to the iteration before which, or in whose validation, the program is to be killed.

        Returns:
            What it said.
        """
        program = self.start(config, run, *options, **killed)
        program.join()
        said = (self.folder / run / "log").read_text()
        assert program.exitcode == (-signal.SIGKILL if any(killed.values()) else 0), said
        return said

    def checkpoints(self, run: str) -> list[str]:
        return sorted(path.name for path in (self.folder / run / "work").glob("*/iter_*.pth"))

    def evidence(self, run: str) -> dict[str, Any]:
        """What the training says of itself."""
        training: dict[str, Any] = json.loads((self.folder / run / "training.json").read_text())
        return training

    def result(self, run: str) -> tuple[list[float], list[float], bytes]:
        """Losses, learning rates and the weights file."""
        training = self.evidence(run)
        return training["loss"], training["learning_rate"], (self.folder / run / "weights.pth").read_bytes()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def undisturbed(project):
    """Of a program that nothing was loaded for in advance."""
    arguments = project.arguments(project.config(), "undisturbed")
    with (project.folder / "undisturbed/log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, PROGRAM, *arguments],
            cwd=project.folder, env=os.environ | project.environment(), stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    assert done.returncode == 0, (project.folder / "undisturbed/log").read_text()
    return project.result("undisturbed")


@pytest.fixture(scope="module")
def settings(project):
    """The tiny config in this process."""
    sys.path.insert(0, str(project.folder))
    init_default_scope("mmseg")
    yield Config.fromfile(project.config("settings"))
    sys.path.remove(str(project.folder))


# --- the program -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_training_leaves_weights_its_whole_history_and_its_last_checkpoint(project, undisturbed):
    losses, rates, _ = undisturbed
    assert len(losses) == len(rates) == ITERATIONS
    assert rates[0] == 0.01 and rates == sorted(rates, reverse=True)
    assert len(set(losses)) == ITERATIONS
    weights = torch.load(project.folder / "undisturbed/weights.pth", weights_only=True)
    assert set(weights) == {"state_dict", "meta"}
    # Of the three outputs that the tiny network has.
    assert weights["meta"]["dataset_meta"]["classes"] == ("road", "sidewalk", "building")
    assert project.checkpoints("undisturbed") == [f"iter_{ITERATIONS}.pth"]
    assert list((project.folder / "undisturbed/work").glob("*/*/*.log"))


@pytest.mark.slow
def test_terminal_shows_a_bar_and_nothing_else(project, undisturbed):
    said = (project.folder / "undisturbed/log").read_text()
    assert f"{ITERATIONS}/{ITERATIONS}" in said and "loss=" in said and "lr=" in said
    assert all("training:" in line for line in said.split("\r") if line.strip()), said


@pytest.mark.slow
def test_tensorboard_shows_the_losses_and_rates_of_the_evidence(project, undisturbed):
    (events,) = (project.folder / "undisturbed/work").rglob("events.out.tfevents.*")
    shown = EventAccumulator(str(events.parent)).Reload()
    assert {"loss", "lr"} <= set(shown.Tags()["scalars"])
    losses, rates, _ = undisturbed
    loss, rate = ({event.step: event.value for event in shown.Scalars(name)} for name in ("loss", "lr"))
    for step in (12, 24):
        # MMEngine shows the mean loss of the last ten iterations.
        assert loss[step] == pytest.approx(sum(losses[step - 10 : step]) / 10, rel=1e-5)
        assert rate[step] == pytest.approx(rates[step - 1], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("options", ["size=16k", "size=60k", "nr_inodes=5"])
def test_a_full_disk_ends_training_in_one_message_wherever_it_is_met(project, disk, options):
    """The log and the dumped config; the first checkpoint; the folders of the log."""
    full = disk(options)
    said = subprocess.run(
        [
            sys.executable, PROJECT / "workflow/scripts/train.py", "--config", project.config(),
            "--dataset", "synthcity", "--verified", project.verified, "--model", "tiny",
            "--work-dir", full / "work", "--out", full / "weights.pth", "--evidence", full / "training.json",
        ],
        cwd=project.folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": f"{PROJECT}:{project.folder}", "OMP_NUM_THREADS": "1"},
    ).stderr  # fmt: skip
    assert f"error: {full}/work" in said and "cannot be written (No space left on device). Make room" in said
    assert "Traceback" not in said and "Logging error" not in said
    assert not list(full.rglob("*.partial"))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_training_killed_twice_ends_bit_for_bit_as_an_undisturbed_one(project, undisturbed, workers):
    run, config = f"killed{workers}", project.config(f"workers{workers}", workers=workers)
    first, second = sorted(random.Random(workers).sample(range(INTERVAL + 1, ITERATIONS), 2))
    project.train(config, run, kill_at=first)
    assert project.checkpoints(run) != []
    said = project.train(config, run, kill_at=second)
    assert "resuming from" in said
    project.train(config, run)
    losses, rates, weights = project.result(run)
    assert losses == undisturbed[0]
    assert rates == undisturbed[1]
    assert weights == undisturbed[2]


@pytest.fixture(scope="module")
def selected(project):
    """An undisturbed training that hands on its best weights, and what it said."""
    return project.train(project.config("best", best=True), "best")


def selection(project, run):
    return json.loads((project.folder / run / "training.json").read_text())["selection"]


@pytest.mark.slow
def test_the_best_weights_on_val_are_handed_on_and_the_evidence_says_which(project, undisturbed, selected):
    found = selection(project, "best")
    assert found["metrics"] == ["aAcc", "mIoU"] and found["iterations"] == [4, 8, 12, 16, 20, 24]
    assert len(set(found["scores"])) > 1
    assert found["chosen"] == 4 * found["epoch"] and found["scores"][found["epoch"] - 1] == max(found["scores"])
    assert found["chosen"] < ITERATIONS
    losses, rates, weights = project.result("best")
    # What is validated leaves no trace in what is trained.
    assert (losses, rates) == undisturbed[:2]
    assert weights != undisturbed[2]
    (last,) = (project.folder / "best/work").glob("*/iter_*.pth")
    checkpoint = torch.load(last, weights_only=False)
    of_last = torch.load(project.folder / "undisturbed/weights.pth", weights_only=True)["state_dict"]
    assert all(torch.equal(value, checkpoint["state_dict"][name]) for name, value in of_last.items())


@pytest.mark.slow
def test_averaged_weights_are_handed_on_where_a_config_averages_even_after_a_kill(project, undisturbed):
    config = project.config("averaged", more=AVERAGED)
    project.train(config, "averaged")
    losses, _, weights = project.result("averaged")
    assert losses == undisturbed[0] and weights != undisturbed[2]
    written = torch.load(project.folder / "averaged/weights.pth", weights_only=True)["state_dict"]
    (last,) = (project.folder / "averaged/work").glob("*/iter_*.pth")
    # MMEngine's checkpoints have the averages in this place.
    of_mmengine = torch.load(last, weights_only=False)["state_dict"]
    assert written.keys() == of_mmengine.keys()
    assert all(torch.equal(value, of_mmengine[name]) for name, value in written.items())
    project.train(config, "averaged_killed", kill_at=INTERVAL + 3)
    project.train(config, "averaged_killed")
    assert project.result("averaged_killed") == project.result("averaged")


@pytest.mark.slow
def test_the_best_weights_on_val_are_the_averaged_ones_that_were_validated(project):
    # Validated where there are checkpoints, in which MMEngine has the averages.
    config = project.config("best_average", best=True, more=AVERAGED + f"train_cfg.update(val_interval={INTERVAL})")
    project.train(config, "best_average")
    chosen = selection(project, "best_average")["chosen"]
    written = torch.load(project.folder / "best_average/weights.pth", weights_only=True)["state_dict"]
    project.train(config, "best_average_killed", kill_at=chosen + 1)
    (checkpoint,) = (project.folder / "best_average_killed/work").glob(f"*/iter_{chosen}.pth")
    averages = torch.load(checkpoint, weights_only=False)["state_dict"]
    assert all(torch.equal(value, averages[name]) for name, value in written.items())


@pytest.mark.slow
def test_the_bar_names_the_validation(selected):
    assert "validation 5/5:" in selected
    assert all("training:" in line or "validation" in line for line in selected.split("\r") if line.strip()), selected


@pytest.mark.slow
def test_a_recipe_that_hands_on_its_last_weights_validates_nothing(project, undisturbed):
    said = (project.folder / "undisturbed/log").read_text()
    assert "validation" not in said and selection(project, "undisturbed") is None


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "kills",
    [
        # Between validations; in one whose iteration has a checkpoint that lacks it; in one that has none; in the last.
        [{"kill_at": 7}, {"kill_at": 18}],
        [{"kill_in_validation": 20}],
        [{"kill_in_validation": 12}, {"kill_in_validation": 24}],
    ],
)
def test_a_killed_training_hands_on_the_same_best_weights(project, selected, kills, workers):
    run = f"best{workers}{kills[0]}".translate({ord(sign): None for sign in "{}': "})
    config = project.config(run, workers=workers, best=True)
    for kill in kills:
        project.train(config, run, **kill)
    project.train(config, run)
    assert project.result(run) == project.result("best")
    assert selection(project, run) == selection(project, "best")
    assert len(project.checkpoints(run)) == 1, "the disk holds one checkpoint, with the best weights in it"


@pytest.mark.slow
def test_training_killed_after_its_last_iteration_only_has_to_write_its_results(project, undisturbed):
    config = project.config("end")
    project.train(config, "end", kill_at=ITERATIONS + 1)
    killed = datetime.now(UTC)
    project.train(config, "end")
    assert project.result("end") == undisturbed
    provenance = json.loads((project.folder / "end/training.json").read_text())["provenance"]
    assert datetime.fromisoformat(provenance["started"]) < killed
    assert provenance["duration_s"] > 0


@pytest.mark.slow
def test_lost_results_of_a_finished_training_are_written_again_bit_for_bit(project, undisturbed):
    config, folder = project.config("lost"), project.folder / "lost"
    project.train(config, "lost")
    evidence = (folder / "training.json").read_bytes()
    for lost in ("weights.pth", "training.json"):
        (folder / lost).unlink()
    said = project.train(config, "lost")
    assert f"iter_{ITERATIONS}.pth" in said and "training:   0%" not in said
    assert project.result("lost") == undisturbed
    assert (folder / "training.json").read_bytes() == evidence


@pytest.mark.slow
def test_a_training_that_finished_on_other_data_is_done_anew(project, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(project, "verified", tmp_path / "verified.json")
    project.verified.write_text(json.dumps({"labelled_sha256": 64 * "b"}))
    said = project.train(project.config(), "undisturbed", kill_at=1)
    assert "checkpoints of another config, code, seed, dataset" in said and "starting anew" in said


@pytest.fixture(scope="module")
def compiled(project):
    """A compiled training that validates. Its one random layer is without effect, as it would draw in another way."""
    config = project.config("compiled", best=True, more='model["decode_head"].update(dropout_ratio=0)')
    project.train(config, "compiled", "--compile")
    return config


@pytest.mark.slow
def test_a_compiled_training_differs_by_rounding_alone_and_its_evidence_says_so(project, compiled):
    project.train(compiled, "not_compiled")
    losses, rates, weights = project.result("compiled")
    other_losses, other_rates, other_weights = project.result("not_compiled")
    assert losses == pytest.approx(other_losses, rel=1e-3) and losses[0] == pytest.approx(other_losses[0], rel=1e-6)
    assert rates == other_rates and weights != other_weights
    assert [project.evidence(run)["compiled"] for run in ("compiled", "not_compiled")] == [True, False]


@pytest.mark.slow
def test_a_compiled_training_goes_on_bit_for_bit_and_only_as_a_compiled_one(project, compiled):
    project.train(compiled, "goes_on", "--compile", kill_at=INTERVAL + 3)
    said = project.train(compiled, "goes_on", kill_at=2)
    assert "starting anew" in said
    said = project.train(compiled, "goes_on", "--compile")
    assert "resuming from" in said
    assert project.result("goes_on") == project.result("compiled")
    assert "it stays as it is" in project.train(compiled, "goes_on")


@pytest.mark.slow
def test_torn_newest_checkpoint_is_passed_over_with_a_message(project, undisturbed):
    config = project.config("torn")
    project.train(config, "torn", kill_at=2 * INTERVAL + 2)
    (newest,) = (project.folder / "torn/work").glob(f"*/iter_{2 * INTERVAL}.pth")
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    said = project.train(config, "torn")
    assert f"iter_{2 * INTERVAL}.pth: damaged" in said
    assert f"iter_{INTERVAL}.pth" in said
    assert project.result("torn") == undisturbed


@pytest.mark.slow
def test_changed_config_starts_anew_and_says_so(project, undisturbed):
    project.train(project.config("changed"), "changed", kill_at=INTERVAL + 1)
    said = project.train(project.config("changed", lr=0.02), "changed")
    assert "checkpoints of another config" in said and "starting anew" in said
    _, rates, _ = project.result("changed")
    assert rates == [2 * rate for rate in undisturbed[1]]
    assert project.checkpoints("changed") == [f"iter_{ITERATIONS}.pth", f"iter_{INTERVAL}.pth"]


@pytest.mark.slow
def test_second_training_of_a_run_waits_for_the_first(project, undisturbed):
    (project.folder / "busy/work").mkdir(parents=True)
    with FileLock(project.folder / "busy/work/lock"):
        second = project.start(project.config("busy"), "busy")
        log = project.folder / "busy/log"
        while "waiting" not in log.read_text():
            assert second.is_alive(), log.read_text()
            time.sleep(0.1)
        assert "another process trains this run" in log.read_text()
    second.join()
    assert second.exitcode == 0
    assert project.result("busy") == undisturbed


@pytest.mark.slow
def test_loss_that_is_no_number_stops_the_training_at_once(project):
    program = project.start(project.config("nan", loss_weight="float('nan')"), "nan")
    program.join()
    assert program.exitcode == 1
    said = (project.folder / "nan/log").read_text()
    assert "stopped at iteration 1 (seed 3): found decode.loss_ce = nan" in said
    assert "Traceback" not in said
    assert not (project.folder / "nan/weights.pth").exists()


@pytest.mark.slow
def test_mmengines_own_resume_is_exact_with_these_configs(project, settings):
    """As `tools/train.py --resume` does it, without the suite's program."""
    histories = []
    for name, stops in {"whole": [ITERATIONS], "halves": [2 * INTERVAL, ITERATIONS]}.items():
        for stop in stops:
            cfg = Config(settings.to_dict())
            cfg.work_dir, cfg.resume = str(project.folder / "mmengine" / name), True
            cfg.train_cfg.max_iters = stop
            cfg.experiment_name = f"{name}{stop}"
            runner = QuietRunner.from_cfg(cfg)
            runner.train()
        histories.append((runner.message_hub.get_scalar("train/loss").data[0].tolist(), runner.model.state_dict()))
    (loss, weights), (resumed_loss, resumed_weights) = histories
    assert loss == resumed_loss
    assert all(torch.equal(value, resumed_weights[name]) for name, value in weights.items())


def test_a_machine_without_a_compiler_is_said_before_a_training_begins(tmp_path):
    with (
        torch._inductor.config.patch({"cpp.cxx": (None, str(tmp_path / "no-compiler"))}),
        pytest.raises(
            SegReproError, match=r"^--compile: InvalidCxxCompiler: .*See to that, or train without --compile"
        ),
    ):
        require_compiler(torch.device("cpu"))


def test_more_sizes_than_can_be_compiled_end_in_a_message_not_in_slow_steps(settings, project):
    """A config whose batches all have other sizes."""
    cfg = Config(settings.to_dict())
    cfg.work_dir, cfg.experiment_name = str(project.folder / "sizes"), "sizes"
    runner = QuietRunner.from_cfg(cfg)
    CompileHook().before_train(runner)
    with (
        torch._dynamo.config.patch(recompile_limit=1),
        pytest.raises(SegReproError, match=r"^--compile: FailOnRecompileLimitHit: "),
        failures_said(),
    ):
        for size in (32, 40):
            runner.model.train()(torch.zeros(1, 3, size, size))


def test_missing_dataset_is_said_at_once_with_the_next_step(project, settings, tmp_path):
    config = tmp_path / "no_data.py"
    config.write_text(project.config().read_text().replace(f"{project.folder}/data", "data/nowhere"))
    files = {"work_dir": tmp_path / "work", "out": tmp_path / "weights.pth", "evidence": tmp_path / "training.json"}
    with pytest.raises(SegReproError, match=r"found data/nowhere.*snakemake .* data/verified/synthcity.json"):
        train.main(config, dataset="synthcity", verified=project.verified, model="tiny", **files)
    (tmp_path / "old.json").write_text("{}")
    for verified in (tmp_path / "old.json", tmp_path / "none.json"):
        with pytest.raises(SegReproError, match=rf"{verified}: labelled_sha256: found none .* snakemake --cores all"):
            train.main(project.config(), dataset="synthcity", verified=verified, model="tiny", **files)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(("asked", "device"), [(None, "cuda"), ("cuda", "cuda"), ("cpu", "cpu")])
def test_where_it_trains_decides_about_rounding_and_exact_repetition(
    project, gpu, tf32, tmp_path, monkeypatch, asked, device
):
    """No float32 is rounded; operations of one order of sums only on the CPU: on a GPU they cost time and memory."""
    settings = []
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda *given, **options: settings.append(given))

    def built(_):
        raise InterruptedError

    monkeypatch.setattr(train.QuietRunner, "from_cfg", built)
    files = {"work_dir": tmp_path / "work", "out": tmp_path / "weights.pth", "evidence": tmp_path / "training.json"}
    monkeypatch.syspath_prepend(project.folder)
    tiny = {"dataset": "synthcity", "verified": project.verified, "model": "tiny", "device": asked}
    with pytest.raises(InterruptedError):
        train.main(project.config("tf32"), **tiny, **files)
    assert [place.allow_tf32 for place in tf32] == [False, False]
    assert settings == [(device == "cpu",)]
    assert not torch.utils.deterministic.fill_uninitialized_memory, "a sixth of the time, and the bits are the same"
    assert get_device() == device


def test_a_training_that_needs_a_gpu_stops_at_once_where_there_is_none(project, tmp_path):
    files = {"work_dir": tmp_path / "work", "out": tmp_path / "weights.pth", "evidence": tmp_path / "training.json"}
    tiny = {"dataset": "synthcity", "verified": project.verified, "model": "tiny", "device": "cuda"}
    with pytest.raises(SegReproError, match="--device: found cuda, but no GPU that PyTorch"):
        train.main(project.config("gpu"), **tiny, **files)
    assert not (tmp_path / "work").exists()


# --- its parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((PROJECT / "mmseg_plugins/configs").glob("[!_]*/*.py")), ids=lambda p: p.stem)
def test_every_config_names_what_makes_resume_exact(path):
    config = Config.fromfile(path)
    assert config.train_dataloader.sampler.type == "SeededInfiniteSampler"
    assert config.train_dataloader.dataset.type == "SeededDataset"
    assert {"RandomStateHook", "NonFiniteLossHook"} <= {hook.type for hook in config.custom_hooks}
    assert config.default_hooks.checkpoint.backend_args.backend == "atomic"
    assert config.randomness.seed is not None
    assert config.default_hooks.pretrained.type == "PretrainedHook"


def test_position_alone_decides_index_and_seed():
    data = range(7)
    stream = iter(SeededInfiniteSampler(data, seed=5))
    keys = [next(stream) for _ in range(30)]
    for start in (0, 1, 7, 23):
        skipped = SeededInfiniteSampler(data, seed=5)
        skipped.skip(start)
        rest = iter(skipped)
        assert [next(rest) for _ in range(30 - start)] == keys[start:]
    assert len({key.seed for key in keys}) == 30
    assert sorted(key.index for key in keys[:7]) == list(data)
    assert next(iter(SeededInfiniteSampler(data, seed=6))).seed != keys[0].seed


def test_sample_depends_on_its_key_and_leaves_the_generators_alone(settings):
    dataset = SeededDataset(settings.train_dataloader.dataset.dataset.to_dict())
    keys = list(zip(iter(SeededInfiniteSampler(dataset, seed=0)), range(4), strict=False))
    with seeded(1):
        first = [dataset[key]["inputs"] for key, _ in keys]
        before = random_state()
    with seeded(2):
        again = [dataset[key]["inputs"] for key, _ in reversed(keys)][::-1]
    with seeded(1):
        untouched = random_state()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(dataset[keys[0][0]]["inputs"], dataset[replace(keys[0][0], seed=1)]["inputs"])
    assert before["python"] == untouched["python"]
    assert np.array_equal(before["numpy"][1], untouched["numpy"][1])
    assert torch.equal(before["torch"], untouched["torch"])


def test_untrained_network_is_the_one_that_training_starts_from(settings, project):
    class Stop(Hook):
        def before_train(self, runner):
            raise InterruptedError

    cfg = Config(settings.to_dict())
    cfg.work_dir, cfg.randomness, cfg.experiment_name = str(project.folder / "start"), {"seed": 4}, "start"
    runner = QuietRunner.from_cfg(cfg)
    runner.register_hook(Stop())
    with pytest.raises(InterruptedError):
        runner.train()
    start = runner.model.state_dict()
    untrained = initial_model(settings, seed=4).state_dict()
    assert list(start) == list(untrained)
    assert all(torch.equal(value, untrained[name]) for name, value in start.items())
    other = initial_model(settings, seed=5).state_dict()
    assert any(not torch.equal(value, other[name]) for name, value in start.items())


def test_digest_covers_all_that_decides_the_outcome(settings, monkeypatch, project):
    def digest(config=settings, seed=0, data="a" * 64, pretrained=None, device="cpu", compiled=False):
        return run_digest(config, seed, data, pretrained, torch.device(device), compiled)

    assert digest(Config(settings.to_dict())) == digest()
    changed = Config(settings.to_dict())
    changed.optim_wrapper.optimizer.lr = 1.0
    digests = {digest(), digest(changed), digest(seed=1), digest(data="b" * 64), digest(pretrained="c" * 64)}
    digests.add(digest(compiled=True))
    on_gpu = digest(device="cuda")
    digests.add(on_gpu)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 99)
    digests.add(digest())
    assert digest(device="cuda") == on_gpu, "sums of a GPU do not depend on the processor's threads"
    monkeypatch.undo()
    source = project.folder / "kill_hook.py"
    source.write_text(KILL_HOOK + "# A comment.\n")
    assert digest() in digests
    source.write_text(KILL_HOOK + "changed = True\n")
    digests.add(digest())
    source.write_text(KILL_HOOK)
    assert len(digests) == 9


def test_held_lock_is_waited_for_and_then_an_error(tmp_path):
    holder = FileLock(tmp_path / "lock", thread_local=False)
    holder.acquire()
    with pytest.raises(SegReproError, match="held by another process for 0 s"), run_lock(tmp_path, timeout_s=0.2):
        pass
    threading.Timer(0.3, holder.release).start()
    with run_lock(tmp_path, timeout_s=10):
        pass


def test_the_generator_of_the_gpu_that_trains_is_kept_and_no_other(monkeypatch):
    """So that a run that saw several GPUs can go on where there is one."""
    state, restored = torch.arange(16, dtype=torch.uint8), []
    monkeypatch.setattr(mmengine.device.utils, "DEVICE", "cuda")
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device="cuda": {"cuda": state}[device])
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda new, device="cuda": restored.append((device, new)))
    checkpoint: dict = {}
    RandomStateHook().before_save_checkpoint(None, checkpoint)
    resumed = RandomStateHook()
    resumed.after_load_checkpoint(None, checkpoint)
    with seeded(0):
        resumed.before_train_iter(None, 0)
        resumed.before_train_iter(None, 1)
    ((device, new),) = restored
    assert device == "cuda" and torch.equal(new, state)


def test_the_generator_of_a_gpu_is_left_alone_where_the_cpu_trains(gpu):
    """So that the run can go on where there is no GPU."""
    checkpoint: dict = {}
    RandomStateHook().before_save_checkpoint(None, checkpoint)
    assert checkpoint["random_state"]["cuda"] is None


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({"loss": float("inf"), "decode.loss_ce": 1.0, "aux.loss_ce": float("inf")}, "found aux.loss_ce = inf;"),
        ({"loss": float("nan"), "decode.loss_ce": float("nan")}, "found decode.loss_ce = nan;"),
    ],
)
def test_non_finite_loss_names_its_terms_and_the_iteration(settings, outputs, message):
    runner = type("At", (), {"iter": 6, "seed": 0, "cfg": settings})()
    hook = NonFiniteLossHook()
    with pytest.raises(SegReproError, match=message) as error:
        hook.after_train_iter(runner, 6, outputs={name: torch.tensor(value) for name, value in outputs.items()})
    assert "iteration 7" in str(error.value)


def test_only_the_loss_has_to_be_a_number(settings):
    outputs = {"loss": torch.tensor(1.0), "decode.acc_seg": torch.tensor(float("nan"))}
    NonFiniteLossHook().after_train_iter(None, 6, outputs=outputs)


def test_newest_undamaged_checkpoint_is_chosen_by_number(tmp_path):
    assert newest_whole_checkpoint(tmp_path, print) is None
    for iteration in (5, 90, 100):
        torch.save({"iteration": torch.arange(iteration)}, tmp_path / f"iter_{iteration}.pth")
    assert newest_whole_checkpoint(tmp_path, print) == tmp_path / "iter_100.pth"
    flipped = bytearray((tmp_path / "iter_100.pth").read_bytes())
    flipped[len(flipped) // 3] ^= 1
    (tmp_path / "iter_100.pth").write_bytes(flipped)
    (tmp_path / "iter_90.pth").write_bytes(b"")
    said: list[str] = []
    assert newest_whole_checkpoint(tmp_path, said.append) == tmp_path / "iter_5.pth"
    assert len(said) == 2


def test_interrupted_write_leaves_the_former_file(tmp_path, monkeypatch):
    target = tmp_path / "iter_5.pth"
    AtomicBackend().put(b"former", target)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        AtomicBackend().put(b"newer", target)
    assert target.read_bytes() == b"former"


def test_equal_weights_are_equal_files(tmp_path):
    weights = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(3)}
    save_weights(weights, tmp_path / "one/weights.pth")
    save_weights({name: value.clone() for name, value in weights.items()}, tmp_path / "two.pth")
    assert (tmp_path / "one/weights.pth").read_bytes() == (tmp_path / "two.pth").read_bytes()
    assert not list(tmp_path.glob("**/*.partial"))


def test_checkpoints_are_loaded_as_data_only(settings, project):
    cfg = Config(settings.to_dict())
    cfg.work_dir, cfg.experiment_name, cfg.train_cfg.max_iters = str(project.folder / "data_only"), "data_only", 1
    Runner.from_cfg(cfg).train()
    from mmengine.runner.checkpoint import get_torch_safe_globals

    with torch.serialization.safe_globals(get_torch_safe_globals()):
        checkpoint = torch.load(project.folder / "data_only/iter_1.pth", weights_only=True)
    assert set(checkpoint["random_state"]) == {"python", "numpy", "torch", "cuda"}

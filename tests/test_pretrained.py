"""A training that goes on from an earlier stage starts from exactly its weights, whichever program runs it."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmseg_plugins.training.initial_model import initial_model
from mmseg_plugins.training.pretrained import fit_pretrained
from mmseg_plugins.training.run_digest import run_digest
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from tests.checkout import Checkout
from tests.test_training import INTERVAL, Project
from workflow.config_files import base_files, earlier_stage, load_from
from workflow.scripts import train

STAGE = "results/drawn/tiny/retrained/seed0/weights.pth"
RENAMED = """
load_from = "{stage}"
renamed_layers = {{"decode_head.encoder.": "decode_head.convs."}}
new_layers = ["decode_head.conv_seg."]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def stage(project):
    """Weights of a network whose convolutions of the head go by another name, with a classifier for five classes."""
    path = project.folder / STAGE
    weights = initial_model(Config.fromfile(later_stage(project, "first", "")), seed=9).state_dict()
    weights = {name.replace("decode_head.convs.", "decode_head.encoder."): value for name, value in weights.items()}
    weights["decode_head.conv_seg.weight"] = torch.full((5, 8, 1, 1), 7.0)
    weights["decode_head.conv_seg.bias"] = torch.full((5,), 7.0)
    save_weights(weights, path)
    return path


def later_stage(project: Project, name: str, text: str) -> Path:
    """The tiny config with more lines, without the hook that kills it, which lives in processes of its own only."""
    config = project.config(name)
    harmless = config.read_text().replace(', "kill_hook"', "").replace(', dict(type="KillHook")', "")
    config.write_text(harmless + text)
    return config


def state_before_the_first_step(config: Path, folder: Path, **changes: object) -> dict[str, torch.Tensor]:
    """As MMSegmentation's own program gets there."""

    class Stop(Hook):
        priority = "VERY_LOW"

        def before_train(self, runner):
            raise InterruptedError

    cfg = Config.fromfile(config)
    cfg.work_dir, cfg.randomness, cfg.experiment_name = str(folder), {"seed": 3}, folder.name
    cfg.update(changes)
    runner = Runner.from_cfg(cfg)
    runner.register_hook(Stop())
    with pytest.raises(InterruptedError):
        runner.train()
    return runner.model.state_dict()


# --- fitting ---------------------------------------------------------------------------------------------------------


def tensors(**shapes: int) -> dict[str, torch.Tensor]:
    return {name.replace("_", "."): torch.full((size,), float(size)) for name, size in shapes.items()}


def test_every_entry_comes_from_the_earlier_stage_but_those_of_new_layers():
    network = tensors(encoder_a=3, encoder_b=2, head_c=4)
    found = {"old.a": torch.ones(3), "encoder.b": torch.ones(2), "head.c": torch.ones(9)}
    fitted = fit_pretrained(found, network, ["head."], {"old.": "encoder."}, "stage")
    assert list(fitted) == list(network)
    assert torch.equal(fitted["encoder.a"], torch.ones(3)) and torch.equal(fitted["encoder.b"], torch.ones(2))
    assert fitted["head.c"] is network["head.c"]


@pytest.mark.parametrize(
    ("found", "options", "said"),
    [
        (tensors(a=3), {}, "1 missing: b"),
        (tensors(a=3, b=2, c=1), {}, "1 unknown: c"),
        (tensors(a=3, b=5), {}, "1 of another shape: b 5 for 2"),
        (tensors(a=3, b=2), {"new_layers": ["a"], "renamed_layers": {"b": "c"}}, "1 missing: b; 1 unknown: c"),
        (tensors(a=3, b=2), {"renamed_layers": {"a": "b"}}, "two entries that would both be named b"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(found, options, said):
    options = {"new_layers": [], "renamed_layers": {}} | options
    with pytest.raises(SegReproError, match=f"^stage: .*{said}"):
        fit_pretrained(found, tensors(a=3, b=2), **options, source="stage")


# --- the hook, under MMEngine's own runner ---------------------------------------------------------------------------


def test_training_starts_from_the_earlier_stage(project, stage, tmp_path):
    config = later_stage(project, "start", RENAMED.format(stage=stage))
    found = torch.load(stage, weights_only=True)["state_dict"]
    untrained = initial_model(Config.fromfile(config), seed=3).state_dict()
    for name, value in state_before_the_first_step(config, tmp_path / "start").items():
        if name.startswith("decode_head.conv_seg."):
            assert torch.equal(value, untrained[name]), name
        else:
            assert torch.equal(value, found[name.replace("decode_head.convs.", "decode_head.encoder.")]), name


def test_new_layers_are_new_even_where_the_earlier_stage_would_fit(project, tmp_path):
    config = later_stage(project, "same", f'load_from = "{tmp_path}/whole.pth"\nnew_layers = ["decode_head.conv_seg."]')
    earlier = initial_model(Config.fromfile(config), seed=9).state_dict()
    save_weights(earlier, tmp_path / "whole.pth")
    start = state_before_the_first_step(config, tmp_path / "same")
    assert torch.equal(start["backbone.conv1.weight"], earlier["backbone.conv1.weight"])
    assert not torch.equal(start["decode_head.conv_seg.weight"], earlier["decode_head.conv_seg.weight"])


def test_mmengine_does_not_skip_what_does_not_fit(project, stage, tmp_path):
    config = later_stage(project, "unfit", f'load_from = "{stage}"')
    with pytest.raises(SegReproError, match=r"unfit.py: load_from: .*decode_head\.encoder.*new_layers = \[\]"):
        state_before_the_first_step(config, tmp_path / "unfit")


def test_checkpoints_of_the_network_itself_are_left_alone(project, stage, tmp_path):
    """A renaming that would spoil them is none of theirs: neither on resume nor in a test."""
    config = later_stage(project, "own", RENAMED.format(stage=stage))
    cfg = Config.fromfile(config)
    cfg.work_dir, cfg.experiment_name, cfg.train_cfg.max_iters = str(tmp_path / "own"), "own", 1
    trained = Runner.from_cfg(cfg).train().state_dict()
    checkpoint = str(tmp_path / "own/iter_1.pth")
    resumed = state_before_the_first_step(config, tmp_path / "resumed", resume=True, load_from=checkpoint)
    cfg = Config.fromfile(config)
    cfg.work_dir, cfg.experiment_name = str(tmp_path / "tested"), "tested"
    tested = Runner.from_cfg(cfg)
    tested.load_checkpoint(checkpoint)
    for state in (resumed, tested.model.state_dict()):
        assert all(torch.equal(value, trained[name]) for name, value in state.items())


# --- the program -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_program_records_the_earlier_stage_and_a_resumed_run_does_not_load_it_again(project, stage):
    config = project.config("second")
    config.write_text(config.read_text() + RENAMED.format(stage=stage.relative_to(project.folder)))
    project.train(config, "whole")
    project.train(config, "killed", kill_at=INTERVAL + 2)
    said = project.train(config, "killed")
    assert "resuming from" in said
    assert project.result("killed") == project.result("whole")
    evidence = json.loads((project.folder / "whole/training.json").read_text())
    assert evidence["pretrained_sha256"] == hash_of_file(stage)


def test_missing_earlier_stage_is_said_at_once_with_the_command_that_makes_it(project, tmp_path):
    config = later_stage(project, "missing", RENAMED.format(stage="results/nowhere/weights.pth"))
    files = {"work_dir": tmp_path / "work", "out": tmp_path / "weights.pth", "evidence": tmp_path / "training.json"}
    for option, named in ((None, "results/nowhere/weights.pth"), (Path("results/other.pth"), "results/other.pth")):
        with pytest.raises(SegReproError, match=rf"load_from: found no file {named};.*snakemake --cores all {named}"):
            train.main(config, dataset="synthcity", verified=project.verified, model="tiny", **files, load_from=option)
    assert not any(tmp_path.iterdir())


def test_earlier_stage_that_is_no_data_is_refused(project, tmp_path):
    class Code:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"state_dict": Code()}, tmp_path / "weights.pth")
    config = later_stage(project, "code", f'load_from = "{tmp_path}/weights.pth"')
    files = {"work_dir": tmp_path / "work", "out": tmp_path / "out.pth", "evidence": tmp_path / "training.json"}
    with pytest.raises(SegReproError, match=r"found an object of (builtins\.|__builtin__\.)?print; expected tensors"):
        train.main(config, dataset="synthcity", verified=project.verified, model="tiny", **files)


def test_other_weights_to_start_from_are_another_training(project):
    settings = Config.fromfile(later_stage(project, "digest", ""))
    digests = {run_digest(settings, 0, "a" * 64, start, torch.device("cpu")) for start in (None, "b" * 64, "c" * 64)}
    assert len(digests) == 3


# --- the workflow ----------------------------------------------------------------------------------------------------


def test_nearest_statement_of_the_earlier_stage_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {
        "runtime": "load_from = None",
        "library": '_base_ = ["mmseg::_base_/default_runtime.py", "./runtime.py"]',
        "second": f'_base_ = ["./library.py"]\nload_from = "{STAGE}"',
        "third": '_base_ = "./second.py"\nload_from = "other.pth"',
        "scratch": '_base_ = "./second.py"\nload_from = None',
        "same": '_base_ = "./second.py"\nmodel = dict()',
        "computed": '_base_ = "./second.py"\nload_from = "results/" + model',
    }
    for name, text in files.items():
        Path(f"{name}.py").write_text(text)
    assert base_files(Path("third.py")) == ["third.py", "second.py", "library.py", "runtime.py"]
    expected = {"library": None, "second": STAGE, "third": "other.pth", "scratch": None, "same": STAGE, "absent": None}
    assert {name: load_from(Path(f"{name}.py")) for name in expected} == expected
    assert earlier_stage(STAGE, 3) == STAGE.replace("seed0", "seed3") != STAGE
    assert earlier_stage(None, 3) is None
    with pytest.raises(SegReproError, match=r"computed.py: load_from: found 'results/' \+ model; expected None or"):
        load_from(Path("computed.py"))
    Path("number.py").write_text("load_from = 1")
    with pytest.raises(SegReproError, match="found 1; expected None or"):
        load_from(Path("number.py"))


@pytest.mark.slow
def test_each_stage_waits_for_the_one_before_with_the_same_seed(tmp_path):
    checkout = Checkout(tmp_path / "segrepro")
    configs = checkout.folder / "mmseg_plugins/configs/synthcity"
    weights = "results/synthcity/{}/retrained/seed0/weights.pth"
    (configs / "coco.py").write_text('_base_ = "./espnet_p2q3.py"')
    (configs / "aug.py").write_text(f'_base_ = "./coco.py"\nload_from = "{weights.format("coco")}"')
    (configs / "voc.py").write_text(f'_base_ = "./aug.py"\nload_from = "{weights.format("aug")}"')
    target = "results/synthcity/voc/retrained/seed4/weights.pth"
    done = checkout.snakemake("--dry-run", "--printshellcmds", target)
    assert done.returncode == 0, done.stdout
    commands = {
        line.partition("--model ")[2].split()[0]: line.split()
        for line in done.stdout.splitlines()
        if "scripts/train.py" in line
    }
    assert "--load-from" not in commands["coco"]
    for stage, before in (("aug", "coco"), ("voc", "aug")):
        start = commands[stage].index("--load-from") + 1
        assert commands[stage][start] == f"results/synthcity/{before}/retrained/seed4/weights.pth"
    assert list(commands) == ["coco", "aug", "voc"]

    (configs / "aug.py").write_text('_base_ = "./coco.py"\nload_from = str(1)')
    done = checkout.snakemake("--dry-run", target.replace("voc", "aug"))
    assert done.returncode != 0
    assert "aug.py: load_from: found str(1); expected None or a path" in done.stdout

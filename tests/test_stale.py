"""Missing, damaged or outdated evidence is made again by the command that needs it, whatever pages exist."""

import json
import os
import re
import shutil
import subprocess

import evidence_factory as make
import pytest

from tests.checkout import BIN, Checkout

RUN = "results/synthcity/espnet_tiny/retrained/seed0"
PAGE = "reports/synthcity.html"
ITERATIONS = 4

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A page of one training, finished."""
    checkout = Checkout(tmp_path_factory.mktemp("built") / "segrepro")
    checkout.shrink(ITERATIONS)
    checkout.edit("config/reports/synthcity.yaml", runs=[{"model": "espnet_tiny", "route": "retrained"}])
    done = checkout.snakemake(PAGE)
    assert done.returncode == 0, done.stdout
    return checkout


@pytest.fixture
def checkout(built, tmp_path):
    """A copy of it, as if it had been built there: with the same times."""
    shutil.copytree(built.folder, tmp_path / "segrepro", symlinks=True)
    return Checkout(tmp_path / "segrepro", copied=True)


def planned(checkout, target=PAGE):
    """The rules that the command would run."""
    plan = checkout.snakemake("--dry-run", target)
    assert plan.returncode == 0, plan.stdout
    return set(re.findall(r"\n(?:local)?rule (\w+):", plan.stdout)) - {"index"}


def make_right(checkout):
    """Runs the same command to its end, after which nothing is left to do."""
    done = checkout.snakemake(PAGE)
    assert done.returncode == 0, done.stdout
    assert planned(checkout) == set()
    return done.stdout


def record(checkout, name):
    return json.loads((checkout.folder / RUN / name).read_text())


def joined(checkout):
    """Whether the evaluation is that of the training."""
    weights = record(checkout, "training.json")["weights_sha256"]
    return record(checkout, "evaluation.json")["provenance"]["checkpoint_sha256"] == weights


def kill(checkout, program):
    """Has a program killed as soon as it starts; returns what puts it back."""
    file = checkout.folder / f"workflow/scripts/{program}.py"
    before = file.read_text()
    file.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    return lambda: file.write_text(before)


def with_old_time(path, content):
    """Writes a file that looks as old as it was."""
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_finished_page_is_not_made_again(checkout):
    assert planned(checkout) == set()
    assert "Nothing to be done" in checkout.snakemake(PAGE).stdout


COUNTING = """\
import sys
from collections import Counter
from pathlib import Path
from data_manifests import evidence_file
read, reading = Counter(), evidence_file.read
def counting(path, schema):
    read[str(path)] += 1
    return reading(path, schema)
evidence_file.read = counting
from workflow.outdated import Results, Run
results, run = Results(), Run("synthcity", "espnet_tiny", "retrained", 0)
reasons = [results.verification(run.dataset), results.training(run), results.prediction(run, None, []),
           results.evaluation(run), results.cost(run, "profile")]
print(reasons == [None] * 5, sorted({n for f, n in read.items() if f.startswith("results/")}), len(read))
"""


def test_a_plan_reads_every_evidence_file_once(built):
    done = subprocess.run(
        [BIN / "python", "-c", COUNTING], cwd=built.folder, env=built.environment(), capture_output=True, text=True
    )
    assert done.stdout.startswith("True [1] "), done


def test_weights_that_were_cut_are_made_again(checkout):
    weights = checkout.folder / RUN / "weights.pth"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    said = make_right(checkout)
    assert f"{RUN}/weights.pth" in said
    assert weights.read_bytes() == whole


def test_a_byte_flipped_in_weights_with_an_old_time_is_noticed(checkout):
    weights = checkout.folder / RUN / "weights.pth"
    whole = weights.read_bytes()
    with_old_time(weights, whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    assert "train" in planned(checkout)


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("prediction.json", {"predict", "score", "page"}),
        ("confusion.npz", {"predict", "score", "page"}),
        ("evaluation.json", {"score", "page"}),
        ("training.json", {"train"}),
        ("profile.json", {"profile", "page"}),
    ],
)
@pytest.mark.parametrize("damage", ["emptied", "deleted", "cut, with an old time"])
def test_evidence_that_is_missing_or_damaged_is_made_again(checkout, name, rules, damage):
    file = checkout.folder / RUN / name
    content = file.read_bytes()
    if damage == "emptied":
        file.write_text("")
    elif damage == "deleted":
        file.unlink()
    else:
        with_old_time(file, content[: len(content) // 2])
    assert rules <= planned(checkout)


def test_a_damaged_prediction_is_repaired_by_the_same_command(checkout):
    (checkout.folder / RUN / "prediction.json").write_text("")
    make_right(checkout)


def test_a_run_that_was_deleted_is_made_again(checkout):
    shutil.rmtree(checkout.folder / RUN)
    assert planned(checkout) == {"profile", "train", "predict", "score", "page"}


def test_a_prediction_killed_after_the_config_changed_is_made_again_from_the_new_training(checkout):
    before = record(checkout, "evaluation.json")["provenance"]
    recipe = checkout.folder / "mmseg_plugins/configs/synthcity/espnet_tiny.py"
    recipe.write_text(recipe.read_text() + "optim_wrapper = dict(optimizer=dict(lr=0.001))\n")
    revive = kill(checkout, "predict")
    assert checkout.snakemake(PAGE).returncode != 0
    revive()
    assert record(checkout, "training.json")["weights_sha256"] != before["checkpoint_sha256"]
    assert {"predict", "score"} <= planned(checkout, f"{RUN}/evaluation.json")
    make_right(checkout)
    assert joined(checkout)
    assert record(checkout, "evaluation.json")["provenance"]["config_sha256"] != before["config_sha256"]


def test_a_changed_image_leads_to_another_prediction(checkout):
    image = next((checkout.folder / "data/synthcity").rglob("leftImg8bit/val/*/*.png"))
    other = next((checkout.folder / "data/synthcity").rglob("leftImg8bit/train/*/*.png"))
    image.write_bytes(other.read_bytes())
    assert planned(checkout) == {"verify", "train", "predict", "score", "page"}
    make_right(checkout)
    assert joined(checkout)


@pytest.mark.parametrize(
    ("gone", "with_records"),
    [(True, True), (True, False), (False, False)],
    ids=["gone", "gone, no records", "no records"],
)
def test_other_facts_lead_to_true_pages_by_one_command(checkout, gone, with_records):
    before = record(checkout, "evaluation.json")["provenance"]["data_sha256"]
    checkout.edit("data_manifests/datasets/synthcity.yaml", splits={"train": {"images": 6}, "val": {"images": 2}})
    if gone:
        shutil.rmtree(checkout.folder / "data/synthcity")
    if not with_records:
        shutil.rmtree(checkout.folder / ".snakemake")
    make_right(checkout)
    assert joined(checkout)
    after = record(checkout, "evaluation.json")
    assert (after["images"], after["provenance"]["data_sha256"] != before) == (2, True)


def test_comments_are_no_other_training_and_a_change_of_the_network_is_one(checkout):
    hook = checkout.folder / "mmseg_plugins/training/progress_hook.py"
    hook.write_text(hook.read_text().replace("ten times in all", "some times") + "\nX = 1\n")
    config = checkout.folder / "mmseg_plugins/configs/synthcity/espnet_tiny.py"
    config.write_text("# A comment.\n" + config.read_text())
    network = checkout.folder / "mmseg_plugins/networks/espnet/backbone.py"
    network.write_text(network.read_text().replace('"""', '"""Said otherwise. ', 1))
    assert planned(checkout) & {"train", "predict", "profile"} == set()
    network.write_text(network.read_text() + "\nX = 1\n")
    assert {"train", "predict", "profile"} <= planned(checkout)


def test_an_outdated_training_is_kept_beside_the_new_one_and_an_equal_one_stays(checkout):
    weights = checkout.folder / RUN / "weights.pth"
    before = weights.read_bytes()
    recipe = checkout.folder / "mmseg_plugins/configs/synthcity/espnet_tiny.py"
    # Written otherwise, but the same config.
    recipe.write_text(recipe.read_text().replace("batch_size=2", "batch_size=1 + 1"))
    done = checkout.snakemake(f"{RUN}/weights.pth")
    assert done.returncode == 0 and "training:   0%" not in done.stdout, done.stdout
    assert weights.read_bytes() == before
    assert planned(checkout, f"{RUN}/weights.pth") == set()
    recipe.write_text(recipe.read_text() + "optim_wrapper = dict(optimizer=dict(lr=0.001))\n")
    done = checkout.snakemake(f"{RUN}/weights.pth")
    assert done.returncode == 0, done.stdout
    (kept,) = (checkout.folder / RUN).glob("outdated/*/weights.pth")
    assert kept.read_bytes() == before != weights.read_bytes()
    assert (kept.parent / "training.json").is_file()
    assert str(kept.parent.relative_to(checkout.folder)) in done.stdout


def test_results_of_another_machine_are_used_as_they_are(built, tmp_path):
    shutil.copytree(built.folder, tmp_path / "segrepro", symlinks=True, ignore=shutil.ignore_patterns(".snakemake"))
    other = Checkout(tmp_path / "segrepro", copied=True)
    for number, file in enumerate(sorted(other.folder.rglob("*"), reverse=True)):
        if {"results", "data"} & set(file.relative_to(other.folder).parts[:1]) and not file.is_symlink():
            os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))
    assert planned(other) & {"prepare", "train", "predict", "profile"} == set()


def test_a_page_of_what_is_at_hand_names_damaged_evidence_and_the_old_page_stays(checkout):
    for report in (checkout.folder / "config/reports").glob("*.yaml"):
        if report.stem != "synthcity":
            report.unlink()
    before = (checkout.folder / PAGE).read_bytes()
    (checkout.folder / RUN / "evaluation.json").write_text("{")
    done = checkout.snakemake()
    assert done.returncode != 0
    assert f"{RUN}/evaluation.json: content_sha256: found none; expected " in done.stdout
    assert f"Make it again: snakemake --cores all {RUN}/evaluation.json" in done.stdout
    assert "the same command goes on from it" in done.stdout
    assert "Error in rule page" in done.stdout and max(map(len, re.findall(r"\n    input: (.*)", done.stdout))) < 500
    assert (checkout.folder / PAGE).read_bytes() == before


def test_no_page_joins_scores_with_another_training(checkout):
    training = record(checkout, "training.json")
    make.write_content(checkout.folder / RUN / "training.json", training | {"weights_sha256": 64 * "0"})
    page = ["workflow/scripts/report.py", "--suite", "config/suite.yaml", "--report", "synthcity", "--out", "page.html"]
    evidence = [f"--evidence={RUN}/{name}.json" for name in ("evaluation", "training")]
    done = subprocess.run(
        [BIN / "python", *page, *evidence],
        cwd=checkout.folder, env=checkout.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and not (checkout.folder / "page.html").exists()
    assert f"expected {64 * '0'}, the weights_sha256 of {RUN}/training.json" in done.stderr
    assert f"snakemake --cores all {RUN}/evaluation.json" in done.stderr


def program(checkout, name, *arguments, **variables):
    command = [BIN / "python", f"workflow/scripts/{name}.py", "--dataset", "synthcity", *map(str, arguments)]
    return subprocess.run(
        command, cwd=checkout.folder, env=checkout.environment(**variables), capture_output=True, text=True
    )


CONFIG = ("--config", "mmseg_plugins/configs/synthcity/espnet_tiny.py")
VERIFIED = ("--verified", "data/verified/synthcity.json")
TINY = ("--model", "espnet_tiny")


def test_a_full_disk_is_one_message_of_every_program_that_writes_much(built, disk):
    full = disk("size=40k")
    predict = (*CONFIG, *VERIFIED, *TINY, "--weights", f"{RUN}/weights.pth", "--route", "retrained", "--out-dir", full)
    written = {
        "predict": predict,
        "initialise": (*CONFIG, "--out", full / "weights.pth"),
        "prepare": ("--downloads", full, "--out", full / "synthcity"),
    }
    for name, arguments in written.items():
        done = program(built, name, *arguments)
        (told,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")] or [done.stderr]
        assert done.returncode == 1 and told.startswith(f"error: {full}/"), done.stderr
        assert "Traceback" not in done.stderr
        assert "cannot be written (No space left on device). Make room there" in told
        assert not list(full.rglob("*.partial"))


def test_a_full_temporary_folder_disturbs_no_training(built, disk, tmp_path):
    full = disk("size=4k", fill=lambda folder: (folder / "file").write_text("x"))
    out = ("--work-dir", tmp_path / "work", "--out", tmp_path / "weights.pth", "--evidence", tmp_path / "training.json")
    done = program(built, "train", *CONFIG, *VERIFIED, *TINY, *out, TMPDIR=str(full))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "weights.pth").is_file()


def test_a_home_folder_that_can_only_be_read_disturbs_nothing(checkout, disk):
    home = disk("size=4k", fill=lambda folder: None)
    (checkout.folder / RUN / "prediction.json").unlink()
    done = checkout.snakemake(PAGE, HOME=str(home), XDG_CACHE_HOME="", XDG_DATA_HOME="", XDG_CONFIG_HOME="")
    assert done.returncode == 0, done.stdout

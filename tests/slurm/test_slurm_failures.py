"""What can go wrong on a Slurm, on a real one: nothing is lost, and the head says why in words."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.checkout import Checkout
from workflow.slurm import has_accounting, job_prefix, reason_in_words

pytestmark = pytest.mark.slow

RUN = "results/synthcity/espnet_tiny/retrained/seed0"
VERIFIED = "data/verified/synthcity.json"
ITERATIONS = 14

# Six seconds an iteration: a training that a limit of a minute cuts off, and one that leaves the cores to others.
SLOW = """\
import os, time
from mmengine.hooks import Hook
from mmengine.registry import HOOKS

@HOOKS.register_module()
class Slow(Hook):
    def before_train_iter(self, *arguments, **others):
        time.sleep(float(os.environ.get("SECONDS_AN_ITERATION", "0")))
"""

PREPARE = """\
import sys
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir(parents=True, exist_ok=True)
(out / ".prepared-by-segrepro").write_text("{}")
"""

# Takes the place of the verification: writes in two steps, so that two at once would be seen, and takes some memory.
VERIFY = """\
import os, sys, time
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
held = b"x" * int(os.environ.get("BYTES", "0"))
with out.open("a") as file:
    file.write(f"begun {os.environ['SLURM_JOB_ID']}\\n")
    file.flush()
    time.sleep(float(os.environ.get("SECONDS", "0")))
    file.write(f"ended {os.environ['SLURM_JOB_ID']}\\n")
"""


def until(true, what, seconds=120):
    stop = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < stop, f"waited {seconds} s for {what}"
        time.sleep(0.2)


class Head:
    """Snakemake on a Slurm, in a copy of the project."""

    def __init__(self, folder, slurm, ask_often, **variables):
        self.checkout = Checkout(folder)
        self.slurm = slurm
        self.variables = slurm.environment | {"PYTHONPATH": f"{folder}:{ask_often}"} | variables

    def verify_is_a_stand_in(self):
        (self.checkout.folder / "workflow/scripts/prepare.py").write_text(PREPARE)
        (self.checkout.folder / "workflow/scripts/verify.py").write_text(VERIFY)

    def start(self, *arguments):
        return self.checkout.start_snakemake("--workflow-profile", "slurm", *arguments, **self.variables)

    def ends_well(self, started):
        started.wait(timeout=400)
        assert started.returncode == 0, self.said()

    def said(self):
        return self.checkout.log.read_text()

    def begun(self):
        file = self.checkout.folder / VERIFIED
        return file.is_file() and "begun" in file.read_text()


@pytest.fixture(scope="module")
def slow_training(slurm, ask_often, tmp_path_factory):
    """Started first and looked at last, as it does nothing but wait."""
    head = Head(tmp_path_factory.mktemp("limit") / "segrepro", slurm, ask_often, SECONDS_AN_ITERATION="6")
    slow(head.checkout)
    started = head.start(f"{RUN}/training.json", "--set-resources", "train:runtime=1")
    yield head, started
    started.kill()
    started.wait()


def slow(checkout):
    checkout.shrink(ITERATIONS)
    (checkout.folder / "slow.py").write_text(SLOW)
    recipe = checkout.folder / "mmseg_plugins/configs/synthcity/espnet_tiny.py"
    imported = [f"mmseg_plugins.{room}" for room in ("datasets", "networks", "training")]
    recipe.write_text(recipe.read_text() + f"\ncustom_imports = dict(imports={[*imported, 'slow']})\n")
    recipe.write_text(recipe.read_text() + 'custom_hooks = [dict(type="Slow")]\n')


def test_job_without_enough_memory_is_said_in_words_and_tried_again_with_more(
    slow_training, slurm, ask_often, tmp_path
):
    head = Head(tmp_path / "segrepro", slurm, ask_often, BYTES=str(600 * 2**20), SECONDS="6")
    head.verify_is_a_stand_in()
    head.ends_well(head.start(VERIFIED, "--set-resources", "verify:mem_mb=500 * attempt"))
    assert "It ran out of memory (mem_mb: 500)" in head.said()
    assert (head.checkout.folder / "results/summary.tsv").read_text().splitlines()[1:][0].split("\t")[:3] == [
        "verify", "synthcity", "2",
    ]  # fmt: skip


def test_killed_head_is_taken_up_by_one_command_that_touches_no_other_checkout(
    slow_training, slurm, ask_often, tmp_path
):
    head = Head(tmp_path / "segrepro", slurm, ask_often, SECONDS="30")
    head.verify_is_a_stand_in()
    other = slurm.run("sbatch", "--parsable", "--mem=50", "--job-name=segrepro_other", "--wrap=sleep 300").strip()
    killed = head.start(VERIFIED)
    until(head.begun, "the job")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (orphan,) = slurm.run("squeue", "-h", "-o", "%i", "--states=R", f"--name={name_of_jobs(head)}").split()

    # Who takes the lock away and starts again would have two jobs write the same file.
    command = ["--workflow-profile", "slurm", VERIFIED]
    assert head.checkout.snakemake("--unlock", *command, **head.variables).returncode == 0
    refused = head.checkout.snakemake(*command, **head.variables)
    assert refused.returncode != 0 and "Traceback" not in refused.stdout, refused.stdout
    assert f"jobs of an earlier run in this folder: {orphan}" in refused.stdout
    assert "workflow/scripts/resume_on_slurm.py" in refused.stdout

    head.variables["SECONDS"] = "0"
    resumed = subprocess.run(
        [sys.executable, "workflow/scripts/resume_on_slurm.py", "--", "--cores", "2", *command],
        cwd=head.checkout.folder, env=head.checkout.environment(**head.variables),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
    )  # fmt: skip
    assert resumed.returncode == 0, resumed.stdout
    begun, ended = (head.checkout.folder / VERIFIED).read_text().splitlines()
    assert begun.split()[1] == ended.split()[1] != orphan
    assert "JobState=CANCELLED" in slurm.run("scontrol", "show", "job", orphan)
    assert "JobState=RUNNING" in slurm.run("scontrol", "show", "job", other)
    slurm.run("scancel", other)


def name_of_jobs(head):
    names = set(head.slurm.run("squeue", "-h", "-o", "%j").split())
    (name,) = (name for name in names if name.startswith(job_prefix(head.checkout.folder)))
    return name


def test_head_that_is_still_alive_is_not_disturbed(slow_training):
    head, started = slow_training
    assert started.poll() is None
    until(lambda: (head.checkout.folder / ".snakemake/slurm_head.lock").exists(), "the head")
    refused = subprocess.run(
        [sys.executable, "workflow/scripts/resume_on_slurm.py", "--", "--workflow-profile", "slurm", VERIFIED],
        cwd=head.checkout.folder, env=head.checkout.environment(**head.variables), capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: Snakemake is still running in this folder"), refused.stderr


def test_job_that_slurm_has_forgotten_is_judged_by_its_log(slow_training, start_slurm, ask_often, tmp_path):
    forgets = start_slurm(MinJobAge="2")
    head = Head(tmp_path / "segrepro", forgets, ask_often, SECONDS="3")
    head.verify_is_a_stand_in()
    stopped = head.start(VERIFIED)
    until(head.begun, "the job")
    stopped.send_signal(signal.SIGSTOP)
    until(lambda: not forgets.run("squeue", "-h", "--states=all"), "Slurm to forget the job")
    stopped.send_signal(signal.SIGCONT)
    head.ends_well(stopped)
    assert "Slurm no longer knows job" in head.said() and "its log says that it was done" in head.said()


def test_training_that_is_cut_off_at_its_time_limit_goes_on_to_the_same_weights(slow_training, tmp_path):
    head, started = slow_training
    here = Checkout(tmp_path / "here")
    slow(here)
    local = here.snakemake(f"{RUN}/training.json")
    assert local.returncode == 0, local.stdout

    head.ends_well(started)

    assert "Slurm ended it at its time limit (runtime: 1 minutes)" in head.said()
    trained, expected = (
        json.loads((checkout.folder / RUN / "training.json").read_text()) for checkout in (head.checkout, here)
    )
    assert [trained[field] for field in ("loss", "weights_sha256")] == [
        expected[field] for field in ("loss", "weights_sha256")
    ]
    of_train = list((head.checkout.folder / "logs/slurm").glob("rule_train/*/*.log"))
    assert len(of_train) >= 2, "it was not cut off"


@pytest.mark.parametrize(("answer", "asked"), [("exit 0", True), ("echo disabled >&2; exit 1", False), (None, False)])
def test_accounting_is_asked_only_where_it_answers(tmp_path, monkeypatch, answer, asked):
    if answer is not None:
        (tmp_path / "sacct").write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / "sacct").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert has_accounting() is asked


TIME, MEMORY = "time limit (runtime: 60 minutes)", "out of memory (mem_mb: 4000)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("*** STEP 9.0 ON node1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***", TIME),
        ("SLURM-job '9' failed, SLURM status is: 'TIMEOUT'.", TIME),
        ("SLURM status is: 'OUT_OF_MEMORY'", MEMORY),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=9.batch.", MEMORY),
        ("slurmstepd: error: StepId=9.0 exceeded memory limit (900 > 500), being killed", MEMORY),
        ("slurmstepd: error: *** JOB 9 ON node1 CANCELLED AT 2026-01-01T00:00:00 ***", "scancel"),
        ("SLURM status is: 'NODE_FAIL'", "node failed"),
        ("SLURM status is: 'FAILED'. ValueError: the program's own words", ""),
    ],
)
def test_end_of_a_job_is_said_in_words(said, words):
    found = reason_in_words(said, {"runtime": 60, "mem_mb": 4000})
    assert words in found and bool(words) == bool(found)

"""A run that is killed and started again by the same command ends as if nothing had happened."""

import json
import signal
import subprocess
import time

import psutil
import pytest

from tests.checkout import BIN, Checkout

RUN = "results/synthcity/espnet_tiny/retrained/seed0"
EVIDENCE = f"{RUN}/evaluation.json"
ITERATIONS = 60

pytestmark = pytest.mark.slow


def numbers(checkout):
    """Everything measured: the loss at every step, the weights' hash, every score."""
    training = json.loads((checkout.folder / RUN / "training.json").read_text())
    evaluation = json.loads((checkout.folder / EVIDENCE).read_text())
    return training["loss"], training["learning_rate"], training["weights_sha256"], evaluation["scores"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    checkout = Checkout(tmp_path_factory.mktemp("undisturbed") / "segrepro")
    checkout.shrink(ITERATIONS)
    done = checkout.snakemake(EVIDENCE)
    assert done.returncode == 0, done.stdout
    return numbers(checkout)


@pytest.fixture
def in_training(tmp_path):
    """A copy of the project some checkpoints into the training, with the processes of Snakemake and of the training."""
    checkout = Checkout(tmp_path / "segrepro")
    checkout.shrink(ITERATIONS)
    head = checkout.start_snakemake(EVIDENCE)
    try:
        while not list((checkout.folder / RUN).glob("work/*/iter_[68].pth")):
            assert head.poll() is None, checkout.log.read_text()
            time.sleep(0.02)
        (training,) = (
            process
            for process in psutil.Process(head.pid).children(recursive=True)
            if "workflow/scripts/train.py" in process.cmdline()[:5] and process.parent().name() != "python"
        )
        yield checkout, head, training
    finally:
        for process in psutil.process_iter(["pid", "cwd"]):
            if process.info["cwd"] == str(checkout.folder):
                process.kill()
        head.wait()


def test_killed_training_goes_on_from_its_checkpoint_to_the_same_evidence(in_training, undisturbed):
    checkout, head, training = in_training
    training.send_signal(signal.SIGKILL)
    assert head.wait() != 0
    assert not (checkout.folder / RUN / "weights.pth").exists()

    again = checkout.snakemake(EVIDENCE)

    assert again.returncode == 0, again.stdout
    assert "resum" in again.stdout.lower(), again.stdout
    assert numbers(checkout) == undisturbed


def test_killed_head_leaves_a_lock_whose_message_names_the_way_out(in_training, undisturbed):
    checkout, head, training = in_training
    head.send_signal(signal.SIGKILL)
    head.wait()
    training.send_signal(signal.SIGKILL)

    locked = checkout.snakemake(EVIDENCE)
    assert locked.returncode != 0
    assert "--unlock" in locked.stdout

    unlocked = checkout.snakemake("--unlock")
    assert unlocked.returncode == 0, unlocked.stdout
    again = checkout.snakemake(EVIDENCE)
    assert again.returncode == 0, again.stdout
    assert numbers(checkout) == undisturbed


def test_a_training_that_ended_without_its_head_is_not_done_again(in_training, undisturbed):
    checkout, head, training = in_training
    head.send_signal(signal.SIGKILL)
    head.wait()
    training.wait()
    evidence = (checkout.folder / RUN / "training.json").read_bytes()
    assert checkout.snakemake("--unlock").returncode == 0

    again = checkout.snakemake(EVIDENCE)

    assert again.returncode == 0, again.stdout
    assert "rule train:" in again.stdout and "weights.pth: finished before" in again.stdout, again.stdout
    assert "training:   0%" not in again.stdout, "iterations were done again"
    assert (checkout.folder / RUN / "training.json").read_bytes() == evidence
    assert numbers(checkout) == undisturbed


def test_an_orphan_that_still_trains_is_not_joined_by_a_second_training(in_training, undisturbed):
    checkout, head, training = in_training
    training.suspend()
    head.send_signal(signal.SIGKILL)
    head.wait()
    assert checkout.snakemake("--unlock").returncode == 0
    second = checkout.start_snakemake(EVIDENCE)
    while "another process trains this run; waiting" not in checkout.log.read_text():
        assert second.poll() is None, checkout.log.read_text()
        time.sleep(0.1)
    training.kill()
    assert second.wait() == 0, checkout.log.read_text()
    assert numbers(checkout) == undisturbed


@pytest.mark.parametrize("request_to_stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_head_that_is_told_to_stop_stops_within_seconds_and_says_how_to_go_on(
    in_training, undisturbed, request_to_stop
):
    checkout, head, training = in_training
    training.suspend()  # it would not end by itself
    command = psutil.Process(head.pid)
    # Schedulers tell the head alone; a terminal tells every process of the command.
    told = [command] if request_to_stop == signal.SIGTERM else [command, *command.children(recursive=True)]
    for process in told:
        process.send_signal(request_to_stop)
    training.resume()
    head.wait(timeout=30)
    assert head.returncode != 0
    # Ended, though its new parent may not have taken note of that yet.
    assert not training.is_running() or training.status() == psutil.STATUS_ZOMBIE
    assert "the same command goes on from it" in checkout.log.read_text()
    again = checkout.snakemake(EVIDENCE)
    assert again.returncode == 0 and "resum" in again.stdout.lower(), again.stdout
    assert numbers(checkout) == undisturbed


def test_the_demo_says_itself_how_to_take_away_the_lock_of_a_killed_one(in_training):
    checkout, head, training = in_training
    head.send_signal(signal.SIGKILL)
    head.wait()
    training.send_signal(signal.SIGKILL)
    (checkout.folder / ".venv").symlink_to(BIN.parent)
    demo = ["make", "demo", "--old-file=.venv/installed"]
    done = subprocess.run(demo, cwd=checkout.folder, env=checkout.environment(), capture_output=True, text=True)
    assert done.returncode != 0
    assert ".venv/bin/snakemake --unlock && make demo" in done.stdout, done.stdout

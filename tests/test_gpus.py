"""Jobs of one machine have GPUs of their own. No GPU is needed: NVIDIA's library is replaced by one that lists some."""

import _ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segrepro.errors import SegReproError
from tests.checkout import BIN, Checkout
from workflow.gpus import NVIDIAS_LIBRARY, own_gpus, visible_gpus

PROJECT = Path(__file__).resolve().parents[1]

# GPU 0 is used most, as if by another program.
PYNVML = """\
from collections import namedtuple

class NVMLError(Exception):
    pass

Memory = namedtuple("Memory", "used")
GPUS = {number}

def nvmlInit():
    if not GPUS:
        raise NVMLError("driver not loaded")

def nvmlDeviceGetCount():
    return GPUS

def nvmlDeviceGetHandleByIndex(index):
    return index

def nvmlDeviceGetMemoryInfo(handle):
    return Memory(GPUS - handle)

def nvmlDeviceGetUUID(handle):
    return f"GPU-{{handle}}"
"""

SHOWS = """\
import os, sys, time
from pathlib import Path
me = Path(sys.argv[1] + os.environ.get("RANK", ""))
me.write_text(" ".join([os.environ.get("CUDA_VISIBLE_DEVICES", "all"), os.environ["OMP_NUM_THREADS"], *sys.argv[2:]]))
while "--wait" in sys.argv and not me.with_suffix(".end").exists():
    time.sleep(0.05)
"""


class Machine:
    """A machine with GPUs, as far as jobs are given some."""

    def __init__(self, folder: Path, gpus: int) -> None:
        self.folder = folder
        (folder / "pynvml.py").write_text(PYNVML.format(number=gpus))
        # Any library will do: it is looked for by its name before Python's part is loaded.
        shutil.copy(_ctypes.__file__, folder / NVIDIAS_LIBRARY)
        (folder / "shows.py").write_text(SHOWS)

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
        paths = {
            "PYTHONPATH": f"{self.folder}:{PROJECT}",
            "XDG_RUNTIME_DIR": str(self.folder),
            "LD_LIBRARY_PATH": str(self.folder),
        }
        return kept | paths | {"OMP_NUM_THREADS": "8"} | variables

    def start(
        self, count: int, *arguments: str, program: str = "shows.py", **variables: str
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "workflow.launch", str(count), program, *arguments],
            cwd=self.folder, env=self.environment(**variables), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def shown(self, name: str) -> str:
        """What a program has found, as soon as it has."""
        file = self.folder / name
        until = time.monotonic() + 60
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < until, f"{name}: not started"
            time.sleep(0.05)
        return file.read_text()

    def end(self, name: str) -> None:
        (self.folder / f"{name}.end").touch()


@pytest.fixture
def two(tmp_path):
    return Machine(tmp_path, 2)


def test_jobs_at_once_have_one_gpu_each_and_the_next_waits_for_the_first_that_is_free(two):
    first = two.start(1, "a", "--wait")
    assert two.shown("a").startswith("GPU-1 8 ")  # less of its memory is in use
    second = two.start(0, "b", "--wait")
    assert two.shown("b").startswith("GPU-0 8 ")
    third = two.start(1, "c", "--wait")
    assert "waiting for 1 of 2 GPUs" in third.stderr.readline()
    assert not (two.folder / "c").exists()
    two.end("b")
    assert second.wait() == 0
    assert two.shown("c").startswith("GPU-0 ")
    # A killed job leaves nothing behind.
    first.kill()
    first.wait()
    fourth = two.start(1, "d")
    assert two.shown("d").startswith("GPU-1 ")
    two.end("c")
    assert [third.wait(), fourth.wait()] == [0, 0]


def test_a_job_on_several_gpus_takes_all_at_once_and_runs_once_for_each(two):
    first = two.start(1, "a", "--wait")
    two.shown("a")
    both = two.start(2, "b")
    assert "waiting for 2 of 2 GPUs" in both.stderr.readline()
    second = two.start(1, "c")  # who waits for two holds neither
    assert second.wait() == 0
    two.end("a")
    assert [first.wait(), both.wait()] == [0, 0], both.stderr.read()
    assert [two.shown(f"b{rank}") for rank in range(2)] == ["GPU-1,GPU-0 4"] * 2  # the processes share the cores


@pytest.mark.parametrize("chosen", ["0", "MIG-c0ffee"])
def test_what_a_scheduler_chose_is_left_alone(two, chosen):
    jobs = [two.start(1, name, "--wait", CUDA_VISIBLE_DEVICES=chosen) for name in "ab"]
    assert [two.shown(name).split()[0] for name in "ab"] == [chosen, chosen]
    two.end("a"), two.end("b")
    assert [job.wait() for job in jobs] == [0, 0]


def test_of_the_gpus_that_are_visible_a_job_takes_one(two):
    jobs = [two.start(1, name, "--wait", CUDA_VISIBLE_DEVICES="3,5") for name in "ab"]
    assert {two.shown(name).split()[0] for name in "ab"} == {"3", "5"}
    two.end("a"), two.end("b")
    assert [job.wait() for job in jobs] == [0, 0]


@pytest.mark.parametrize("hidden", [{}, {"CUDA_VISIBLE_DEVICES": ""}, {"CUDA_VISIBLE_DEVICES": "-1"}])
def test_a_machine_without_gpus_is_left_alone(tmp_path, hidden):
    machine = Machine(tmp_path, 2 if hidden else 0)
    jobs = [machine.start(1, name, "--wait", **hidden) for name in "ab"]
    expected = hidden.get("CUDA_VISIBLE_DEVICES", "all")
    assert [machine.shown(name) for name in "ab"] == [f"{expected} 8 --wait"] * 2
    machine.end("a"), machine.end("b")
    assert [job.wait() for job in jobs] == [0, 0]


def test_more_gpus_than_there_are_is_said_at_once(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    assert visible_gpus() == ["7"]
    with pytest.raises(SegReproError, match=r"found 1 \(7\) .*expected 2.*train:gpu=1"), own_gpus(2):
        pass


def test_an_error_of_several_processes_is_one_message(two):
    (two.folder / "fails.py").write_text(
        "import os, time\nfrom segrepro.errors import SegReproError\nfrom workflow.command_line import explained\n"
        "def main():\n    if os.environ['RANK'] == '0':\n        time.sleep(600)\n"
        "    raise SegReproError('data/7.png: damaged')\nexplained(main)\n"
    )
    job = two.start(2, program="fails.py")
    _, said = job.communicate()
    assert (job.returncode, said) == (1, "error: data/7.png: damaged\n")


def test_a_mistake_in_one_of_several_processes_shows_its_own_traceback_and_no_other(two):
    (two.folder / "mistaken.py").write_text("import os\nif os.environ['RANK'] == '1':\n    1 / 0\n")
    job = two.start(2, program="mistaken.py")
    _, said = job.communicate()
    assert job.returncode == 1
    assert said.count("Traceback") == 1 and "ZeroDivisionError" in said


def test_a_killed_process_among_several_is_named(two):
    (two.folder / "killed.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    job = two.start(2, program="killed.py")
    _, said = job.communicate()
    assert job.returncode == 1
    assert re.fullmatch(r"error: .*SIGKILL.*\n", said)


def test_to_end_the_job_ends_all_its_processes(two):
    job = two.start(2, "a", "--wait")
    two.shown("a0"), two.shown("a1")
    job.terminate()
    _, said = job.communicate()
    assert (job.returncode, said) == (143, "")


@pytest.mark.slow
@pytest.mark.parametrize(("gpus", "cores", "threads"), [(0, 32, 8), (4, 32, 8), (8, 16, 2)])
def test_networks_run_one_on_each_gpu_and_share_the_cores(tmp_path, gpus, cores, threads):
    checkout, machine = Checkout(tmp_path / "segrepro"), Machine(tmp_path, gpus)
    found = machine.environment(PYTHONPATH=f"{tmp_path}:{checkout.folder}")
    with (checkout.folder / "Snakefile").open("a") as snakefile:
        snakefile.write("print('torch', workflow.global_resources['torch'].value, TORCH_THREADS, file=sys.stderr)\n")
    done = subprocess.run(
        [BIN / "snakemake", "--cores", str(cores), "--dry-run", "reports/synthcity.html"],
        cwd=checkout.folder, env=found, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"torch {max(1, gpus)} {threads}\n" in done.stderr

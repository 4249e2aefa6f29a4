"""Locks: of one run, also on disks without locks and across machines; and of one machine, between all commands."""

import errno
import fcntl
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import SoftFileLease

from segrepro import file_lock as module
from segrepro.errors import SegReproError
from segrepro.file_lock import file_lock

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def no_flock(monkeypatch):
    """A file system that has no locks, and a holder that counts as dead after a second."""

    def refuse(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(module, "LEASE_S", 1.0)


def left_by(host, process, path):
    """The file that a process left in place of a lock when it died."""
    lease = SoftFileLease(path.with_name(path.name + ".held"), lease_duration=1.0)
    lease.acquire()
    marker = Path(lease.lock_file)
    content = marker.read_text()
    lease.release()
    there = content.replace(f"pid={os.getpid()}\n", f"pid={process}\n")
    marker.write_text(there if host is None else re.sub("host=.*", f"host={host}", there))
    return marker


def hold(path):
    """Takes the lock and lets it go."""
    with file_lock(path, "busy"):
        pass


def test_the_process_that_holds_a_lock_is_named_with_the_way_to_end_it(tmp_path):
    me = os.getpid()
    with file_lock(tmp_path / "lock", "busy"), pytest.raises(SegReproError) as refused:
        hold(tmp_path / "lock")
    assert str(refused.value) == f"busy. It is held by process {me} of this machine; to end that: kill {me}"


def test_a_process_on_another_machine_is_named_with_that_machine(tmp_path):
    with file_lock(tmp_path / "lock", "busy"):
        (tmp_path / "lock.holder").write_text("77 node12\n")
        with pytest.raises(SegReproError) as refused:
            hold(tmp_path / "lock")
    expected = "busy. It is held by process 77 on node12; to end that, run there: kill 77, or cancel its job"
    assert str(refused.value) == expected


def test_without_locks_of_the_system_one_process_at_a_time_works_all_the_same(tmp_path, no_flock):
    with file_lock(tmp_path / "lock", "busy"), pytest.raises(SegReproError, match="It is held by process"):
        hold(tmp_path / "lock")
    hold(tmp_path / "lock")


@pytest.mark.parametrize("host", [None, "node12"])
def test_a_lock_of_a_dead_process_is_taken_over(tmp_path, no_flock, host):
    marker = left_by(host, 2**22 - 1, tmp_path / "lock")
    assert marker.exists()
    with file_lock(tmp_path / "lock", "busy", timeout_s=0):
        assert str(os.getpid()) in marker.read_text()


# --- the machine -----------------------------------------------------------------------------------------------------

HOLD = """\
import sys, time
from pathlib import Path
from segrepro.machine import machine_shared, network_runs
kind, log, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
taken = {"shared": machine_shared, "network": network_runs, "alone": lambda: network_runs(alone=True)}[kind]
with taken():
    with log.open("a") as file: file.write(f"+{kind}\\n")
    time.sleep(seconds)
    with log.open("a") as file: file.write(f"-{kind}\\n")
"""


def at_once(tmp_path, *kinds, **variables):
    """What programs of these kinds do at once, in the order in which they did it; and what the last one says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
    environment = kept | {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)} | variables
    log, running = tmp_path / "log", []
    for kind in kinds:
        command = [sys.executable, "-c", HOLD, kind, log, "1"]
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        while not log.exists():
            time.sleep(0.01)
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * len(kinds), said
    return log.read_text().split(), said[-1]


@pytest.mark.parametrize(
    ("first", "second"), [("network", "network"), ("alone", "shared"), ("shared", "alone"), ("network", "alone")]
)
def test_networks_and_what_is_timed_take_turns_on_a_machine(tmp_path, first, second):
    done, said = at_once(tmp_path, first, second)
    assert done == [f"+{first}", f"-{first}", f"+{second}", f"-{second}"]
    assert said.startswith("waiting for the machine: ") and said.count("\n") == 1
    assert first == "shared" or "(process " in said


@pytest.mark.parametrize(
    ("kinds", "variables"),
    [
        (("network", "shared"), {}),
        (("network", "network"), {"SEGREPRO_TORCH_SLOTS": "2"}),
        (("network", "network"), {"SLURM_JOB_ID": "1"}),
    ],
)
def test_what_does_not_disturb_runs_at_once(tmp_path, kinds, variables):
    done, said = at_once(tmp_path, *kinds, **variables)
    assert [line[0] for line in done] == ["+", "+", "-", "-"]
    assert said == ""


def test_a_killed_program_leaves_its_place_free(tmp_path):
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    killed = subprocess.Popen([sys.executable, "-c", HOLD, "alone", tmp_path / "log", "100"], env=environment)
    while not (tmp_path / "log").exists():
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    (tmp_path / "log").unlink()
    assert at_once(tmp_path, "network")[0] == ["+network", "-network"]

"""Turns on one machine: networks run one after the other, and what is timed runs alone.

Snakemake sees to that within one command. The locks here hold between all commands of a user, from any folder; the
system lets them go when a process ends, however it ends. Where Slurm hands out cores and GPUs, it does so instead.
"""

import fcntl
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .system_errors import naming

SLOTS = "SEGREPRO_TORCH_SLOTS"
"""Environment variable: how many networks may run at once; one by default. `--resources torch=2` sets it to 2."""

_POLL_S = 0.2
_held: list[IO[str]] = []  # the lock of the whole machine, once this process shares it


def lock_folder() -> Path:
    """The folder of the locks, which is made: on a disk of this machine, and this user's own."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"segrepro-{os.getuid()}"  # noqa: S108
    with naming(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def machine_shared() -> Iterator[None]:
    """Holds a share of the machine while a program works; waits while another one is timed."""
    if _left_to_slurm() or _held:
        yield
        return
    with _opened("machine") as machine:
        _lock([machine], fcntl.LOCK_SH)
        _held.append(machine)
        try:
            yield
        finally:
            _held.clear()


@contextmanager
def network_runs(alone: bool = False) -> Iterator[None]:
    """Holds the machine's place for a network that runs; waits while others hold it.

    Args:
        alone: whether nothing else of the suite may run meanwhile, as its time is taken.
    """
    if _left_to_slurm():
        yield
        return
    devices = re.sub(r"\W", "_", os.environ.get("CUDA_VISIBLE_DEVICES", "all")) or "none"
    with machine_shared():
        (machine,) = _held
        # Who waits for a place holds nothing that the one who has it could wait for.
        fcntl.flock(machine, fcntl.LOCK_UN)
        places = [_open(f"torch-{devices}-{number}") for number in range(int(os.environ.get(SLOTS, "1")))]
        try:
            place = _lock(places, fcntl.LOCK_EX)
            _write_holder(place)
            _lock([machine], fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            _write_holder(machine)
            yield
        finally:
            for opened in places:
                opened.close()
            fcntl.flock(machine, fcntl.LOCK_SH)


def _left_to_slurm() -> bool:
    return "SLURM_JOB_ID" in os.environ


def _lock(files: list[IO[str]], mode: int) -> IO[str]:
    """Locks the first file that can be locked; says once for whom it waits."""
    said = False
    while True:
        for file in files:
            with suppress(BlockingIOError):
                fcntl.flock(file, mode | fcntl.LOCK_NB)
                return file
        if not said:
            who = " and ".join(_holder(file) for file in files)
            print(f"waiting for the machine: {who} works on it, and the two would disturb each other", file=sys.stderr)
            said = True
        time.sleep(_POLL_S)


def _write_holder(file: IO[str]) -> None:
    """Writes who holds a lock, for the message of others; a disk that does not take it spoils that alone."""
    with suppress(OSError):
        file.seek(0)
        file.truncate()
        file.write(f"{Path(sys.argv[0]).name} (process {os.getpid()})")
        file.flush()


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read() or "another program of the suite"


@contextmanager
def _opened(name: str) -> Iterator[IO[str]]:
    with _open(name) as file:
        yield file


def _open(name: str) -> IO[str]:
    return (lock_folder() / name).open("a+", encoding="utf-8")

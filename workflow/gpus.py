"""The GPUs of this machine, and one job at a time on each."""

import ctypes
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from filelock import FileLock, Timeout

from segrepro.errors import SegReproError
from segrepro.machine import lock_folder
from segrepro.system_errors import naming

VISIBLE = "CUDA_VISIBLE_DEVICES"
NVIDIAS_LIBRARY = "libnvidia-ml.so.1"
"""Of the driver."""
POLL_S = 1.0


def visible_gpus() -> list[str]:
    """What CUDA would find here: the entries of `CUDA_VISIBLE_DEVICES`, or the UUIDs of the machine's GPUs.

    Those with the least memory in use come first, as other programs may run there. The list is empty where NVIDIA's
    library finds no GPU, and where the variable hides them all.
    """
    stated = os.environ.get(VISIBLE)
    if stated is not None:
        return [entry.strip() for entry in stated.split(",") if entry.strip() not in ("", "-1")]
    try:
        ctypes.CDLL(NVIDIAS_LIBRARY)
    except OSError:
        return []
    import pynvml  # a tenth of a second, in every plan

    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        by_use = sorted(handles, key=lambda handle: pynvml.nvmlDeviceGetMemoryInfo(handle).used)
        return [pynvml.nvmlDeviceGetUUID(handle) for handle in by_use]
    except pynvml.NVMLError:  # the driver is installed, and not loaded
        return []


@contextmanager
def own_gpus(count: int) -> Iterator[None]:
    """Has `CUDA_VISIBLE_DEVICES` name GPUs that no other job of this user's runs on, for as long as the process lives.

    Waits for them. A machine without GPUs is left alone; and so is a variable that names just as many as the job gets:
    then a scheduler has chosen them.

    Args:
        count: how many the job gets, at least 1.

    Raises:
        SegReproError: more than one, and fewer are visible.
        OSError: the locks cannot be made.
    """
    visible = visible_gpus()
    if count > 1 and len(visible) < count:
        raise SegReproError(
            f"GPUs for one job: found {len(visible)} ({', '.join(visible) or 'none'}) by {VISIBLE} or the driver;"
            f" expected {count}. Give it fewer (--set-resources train:gpu=1), or run it where there are as many"
        )
    if not visible or (VISIBLE in os.environ and len(visible) == count):
        yield
        return
    locks = _locked(visible, count)
    os.environ[VISIBLE] = ",".join(locks)
    try:
        yield
    finally:
        for lock in locks.values():
            lock.release()


def _locked(candidates: Sequence[str], count: int) -> dict[str, FileLock]:
    """Locks `count` candidates: all at once, or else none, so that jobs that wait never wait for each other."""
    said = False
    while True:
        taken: dict[str, FileLock] = {}
        for gpu in candidates:
            if len(taken) < count and (lock := _lock(gpu)):
                taken[gpu] = lock
        if len(taken) == count:
            return taken
        for lock in taken.values():
            lock.release()
        if not said:
            print(f"waiting for {count} of {len(candidates)} GPUs; other jobs run on them", file=sys.stderr, flush=True)
            said = True
        time.sleep(POLL_S)


def _lock(gpu: str) -> FileLock | None:
    """The lock of a GPU, or None where another process holds it."""
    folder = lock_folder()
    lock = FileLock(folder / f"gpu-{gpu.replace('/', '-')}", fallback_to_soft=False)
    with naming(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
    return lock

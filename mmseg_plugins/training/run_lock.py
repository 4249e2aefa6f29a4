"""A lock, so that only one process at a time trains a run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from segrepro.errors import SegReproError


@contextmanager
def run_lock(work_dir: Path, timeout_s: float = 120) -> Iterator[None]:
    """Holds the lock of a run's work folder; the system releases it when the process ends for any reason.

    A training continues after its Snakemake was killed, and may be about to end when the next one starts. So this waits
    for a lock that another process holds before it raises an error.

    Args:
        work_dir: created if missing.
        timeout_s: how long to wait, in seconds.

    Raises:
        SegReproError: another process still held the lock after that time.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(work_dir / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"{lock.lock_file}: another process trains this run; waiting {timeout_s:.0f} s for it", file=sys.stderr)
        try:
            lock.acquire(timeout=timeout_s)
        except Timeout:
            raise SegReproError(
                f"{lock.lock_file}: found held by another process for {timeout_s:.0f} s; expected one training process"
                " for a run. Wait for it to end, or find it with `ps -ef | grep train.py` and stop it, then start again"
            ) from None
    try:
        yield
    finally:
        lock.release()

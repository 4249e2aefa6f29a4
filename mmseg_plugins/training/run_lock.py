"""A lock, so that only one process at a time trains a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segrepro.file_lock import file_lock


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
        OSError: the lock cannot be made.
    """
    lock = work_dir / "lock"
    busy = (
        f"{lock}: found held by another process for {timeout_s:.0f} s; expected one training process for a"
        " run. Wait for it to end, or end it, then start the same command again"
    )
    waiting = f"{lock}: another process trains this run; waiting {timeout_s:.0f} s for it"
    with file_lock(lock, busy, timeout_s=timeout_s, waiting=waiting):
        yield

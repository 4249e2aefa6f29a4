"""One process at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from .errors import SegReproError
from .system_errors import naming


@contextmanager
def file_lock(path: Path, busy: str, *, timeout_s: float = 0, waiting: str = "") -> Iterator[None]:
    """Holds a lock; the system lets it go when the process ends, however it ends.

    Args:
        path: the lock's file; its folder is made. It stays.
        busy: the message where another process holds the lock.
        timeout_s: how long to wait for that process, in seconds.
        waiting: what is printed on stderr before that.

    Raises:
        SegReproError: another process still held the lock after that time.
        OSError: the lock cannot be made, as in a folder that can only be read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file system without locks is an error: a file in the place of a lock would outlive a killed process.
    lock = FileLock(path, fallback_to_soft=False)
    try:
        with naming(path):
            _acquire(lock, timeout_s, waiting)
    except Timeout:
        raise SegReproError(busy) from None
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: BaseFileLock, timeout_s: float, waiting: str) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not timeout_s:
            raise
        print(waiting, file=sys.stderr)
        lock.acquire(timeout=timeout_s)

"""One process at a time."""

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, LeaseCompromise, SoftFileLease, Timeout

from .atomic import atomic_write
from .errors import SegReproError
from .system_errors import naming

_WITHOUT_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOLCK)
LEASE_S = 60.0
"""Where the file system has no locks: after how many seconds without a sign of life a holder counts as dead."""


@contextmanager
def file_lock(path: Path, busy: str, *, timeout_s: float = 0, waiting: str = "") -> Iterator[None]:
    """Holds a lock; it is let go when the process ends, however it ends.

    The system sees to that. A file system without locks gets a file in their place that says which process on which
    machine holds the lock, and to which that process gives a sign of life; one that is dead is taken over, on the same
    machine at once and from another one after `LEASE_S`.

    Args:
        path: the lock's file; its folder is made. It stays.
        busy: the message where another process holds the lock; which one is added.
        timeout_s: how long to wait for that process, in seconds.
        waiting: what is printed on stderr before that.

    Raises:
        SegReproError: another process still held the lock after that time.
        OSError: the lock cannot be made, as in a folder that can only be read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = path.with_name(path.name + ".holder")
    with naming(path):
        lock = _acquired(path, holder, busy, timeout_s, waiting)
    try:
        with suppress(OSError):  # known for messages alone
            atomic_write(holder, f"{os.getpid()} {platform.node()}\n", suffix=f".{os.getpid()}.partial")
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _acquired(path: Path, holder: Path, busy: str, timeout_s: float, waiting: str) -> BaseFileLock:
    lock: BaseFileLock = FileLock(path, fallback_to_soft=False)
    try:
        _acquire(lock, timeout_s, waiting)
    except Timeout:
        raise SegReproError(busy + _how_to_end(holder)) from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        lock = SoftFileLease(
            path.with_name(path.name + ".held"),
            lease_duration=LEASE_S,
            on_compromise=lambda lost: _end(path, lost),
        )
        try:
            # One sign of life that fails to come takes as long as this.
            _acquire(lock, max(timeout_s, 2 * LEASE_S), waiting or f"{path}: held by another process; waiting for it")
        except Timeout:
            raise SegReproError(busy + _how_to_end(holder)) from None
    return lock


def _acquire(lock: BaseFileLock, timeout_s: float, waiting: str) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not timeout_s:
            raise
        print(waiting, file=sys.stderr)
        lock.acquire(timeout=timeout_s)


def _how_to_end(holder: Path) -> str:
    """Which process holds a lock, and how to end it, as far as that is known."""
    try:
        number, _, host = holder.read_text(encoding="utf-8").strip().partition(" ")
    except (OSError, UnicodeDecodeError):
        return ""
    if host == platform.node():
        return f". It is held by process {number} of this machine; to end that: kill {number}"
    return f". It is held by process {number} on {host}; to end that, run there: kill {number}, or cancel its job"


def _end(path: Path, lost: LeaseCompromise) -> None:
    """Ends this process: another one has taken over what it works at."""
    print(f"error: {path}: lost to another process, as no sign of life could be given there", file=sys.stderr)
    os._exit(1)

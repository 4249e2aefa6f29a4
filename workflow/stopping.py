"""A request to stop, as schedulers and systemd send it, ends a run of Snakemake like Ctrl-C."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import psutil

AGAIN = "Stopped before the end. What was complete is still there: the same command goes on from it."


def stop_at_sigterm() -> None:
    """Has SIGTERM end the jobs of this process and then itself; Snakemake alone would wait for jobs of days."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for job in psutil.Process(os.getpid()).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            job.terminate()
    raise KeyboardInterrupt

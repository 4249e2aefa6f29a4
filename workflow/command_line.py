"""What all command-line programs of the suite share."""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import typer

from mmseg_plugins.runtime.quiet_libraries import quiet_warnings
from segrepro.errors import SegReproError
from segrepro.machine import machine_shared
from segrepro.system_errors import system_errors_explained

_IN_A_WORKER = f"{SegReproError.__module__}.{SegReproError.__qualname__}: "
"""What stands before the message where PyTorch hands on an error of a process that loads data, with its traceback."""


ERROR_FILE = "TORCHELASTIC_ERROR_FILE"
"""Environment variable: where one of several processes leaves its error for torchrun, so that it is said once."""


def run(main: Callable[..., None]) -> None:
    """Runs `main` as a typer command.

    An error meant for the user, and any error of the system, is one message and exit status 1.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(_at_work(main))
    explained(app)


def explained(program: Callable[[], object]) -> None:
    """Calls a program; its errors are said as `run` does it."""
    try:
        with system_errors_explained(), quiet_warnings():
            program()
    except SegReproError as error:
        _say(str(error).rpartition(_IN_A_WORKER)[2].rstrip())
        sys.exit(1)


def _at_work(main: Callable[..., None]) -> Callable[..., None]:
    """`main`, which waits while another program of the suite is timed on this machine."""

    @wraps(main)
    def work(*arguments: object, **named: object) -> None:
        with machine_shared():
            main(*arguments, **named)

    return work


def _say(message: str) -> None:
    if file := os.environ.get(ERROR_FILE):
        told = {"message": message, "timestamp": int(time.time())}
        Path(file).write_text(json.dumps(told), encoding="utf-8")
    else:
        from tqdm import tqdm  # only an error needs it: programs start without

        # A progress bar may be in the line: the message gets one of its own.
        tqdm.write(f"error: {message}", file=sys.stderr)

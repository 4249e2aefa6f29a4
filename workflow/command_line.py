"""What all command-line programs of the suite share."""

import sys
from collections.abc import Callable
from functools import wraps

import typer

from mmseg_plugins.runtime.quiet_libraries import quiet_warnings
from segrepro.errors import SegReproError
from segrepro.machine import machine_shared
from segrepro.system_errors import system_errors_explained

_IN_A_WORKER = f"{SegReproError.__module__}.{SegReproError.__qualname__}: "
"""What stands before the message where PyTorch hands on an error of a process that loads data, with its traceback."""


def run(main: Callable[..., None]) -> None:
    """Runs `main` as a typer command.

    An error meant for the user, and any error of the system, is one message and exit status 1.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(_at_work(main))
    try:
        with system_errors_explained(), quiet_warnings():
            app()
    except SegReproError as error:
        print(f"error: {str(error).rpartition(_IN_A_WORKER)[2].rstrip()}", file=sys.stderr)
        sys.exit(1)


def _at_work(main: Callable[..., None]) -> Callable[..., None]:
    """`main`, which waits while another program of the suite is timed on this machine."""

    @wraps(main)
    def work(*arguments: object, **named: object) -> None:
        with machine_shared():
            main(*arguments, **named)

    return work

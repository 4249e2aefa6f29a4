"""What all command-line programs of the suite share."""

import sys
from collections.abc import Callable

import typer

from segrepro.errors import SegReproError


def run(main: Callable[..., None]) -> None:
    """Runs `main` as a typer command; an error meant for the user is one message and exit status 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app()
    except SegReproError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)

"""Copies the evidence of a run to where it is committed for others."""

import getpass
import platform
from pathlib import Path
from typing import Annotated

from typer import Option

from reports.judging.committed import objections, place
from reports.judging.evidence import record_of
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from workflow import options
from workflow.command_line import run

NAMES_NO_ONE = {"", "root", "localhost"}


def main(
    results: Annotated[Path, Option(help="folder of a run, results/<dataset>/<model>/<route>/seed<k>, or comparisons")],
    out: Annotated[Path, options.folder_to_write("folder of committed evidence")] = Path("reports/measurements"),
) -> None:
    """Copies the evidence of a run, or of comparisons, to the folder that is committed, named after its hardware.

    Each file must satisfy its schema, must come from a commit without further changes, and must name neither this
    machine, nor its user, nor a path on it. If one is refused, none is copied.
    """
    # What the prediction says is in the evaluation, too; its counts and pictures stay here, as do weights.
    files = [file for file in sorted(results.glob("*.json")) if file.name not in ("prediction.json", "weights.json")]
    if not files:
        raise SegReproError(
            f"{results}: found no evidence; expected files like evaluation.json, as a run leaves them in"
            " results/<dataset>/<model>/<route>/seed<k>. Build the page first, or name the run's folder"
        )
    records = {file: record_of(file) for file in files}
    # The files are read once more for their bytes: what is committed is what the run left.
    private = _names_of_this_machine()
    refused = [f"{file}: {reason}" for file, record in records.items() for reason in objections(record, private)]
    if refused:
        raise SegReproError(
            "\n".join(refused) + "\nNothing was copied. Commit or take away what `git status` lists, delete these files"
            " and measure again; a path or a name in evidence is a bug of the program that wrote it: report it"
        )
    for file, record in records.items():
        target, content = out / place(record), file.read_bytes()
        before = target.read_bytes() if target.exists() else None
        atomic_write(target, content)
        print(f"{target}: {'new' if before is None else 'as it was' if before == content else 'replaced'}")


def _names_of_this_machine() -> set[str]:
    """Names that identify the machine or its user."""
    host = platform.node()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        user = ""
    return {host, host.partition(".")[0], user} - NAMES_NO_ONE


if __name__ == "__main__":
    run(main)

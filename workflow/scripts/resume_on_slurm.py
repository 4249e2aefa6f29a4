"""Takes up a run on Slurm whose Snakemake was killed: cancels its jobs, unlocks the folder, starts Snakemake again."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

from typer import Argument

from segrepro.errors import SegReproError
from segrepro.file_lock import file_lock
from workflow.command_line import run
from workflow.slurm import BUSY, HEAD_LOCK, job_prefix, jobs_in_queue

SNAKEMAKE = str(Path(sys.executable).parent / "snakemake")
UNTIL_CANCELLED_S = 600


def cancel(prefix: str) -> None:
    """Cancels the jobs whose name begins with `prefix`, and waits until none of them can write any more."""
    jobs = jobs_in_queue(prefix)
    if not jobs:
        return
    print(f"cancelling {len(jobs)} jobs of this folder: {', '.join(jobs)}", file=sys.stderr)
    subprocess.run(["scancel", *jobs], check=False)  # One that ends by itself meanwhile is no error.
    until = time.monotonic() + UNTIL_CANCELLED_S
    while left := jobs_in_queue(prefix):
        if time.monotonic() > until:
            raise SegReproError(
                f"Slurm still has jobs {', '.join(left)} {UNTIL_CANCELLED_S} s after they were cancelled; they could"
                " write the same files. See `squeue --me`, and type this again when they are gone"
            )
        time.sleep(1)


def main(
    arguments: Annotated[list[str], Argument(help="those of the snakemake that was killed, after `--`")],
) -> None:
    """Cancels this folder's Slurm jobs, unlocks the folder, and starts Snakemake again; nothing is done twice."""
    with file_lock(HEAD_LOCK, BUSY):
        cancel(job_prefix(Path.cwd()))
        subprocess.run([SNAKEMAKE, *arguments, "--unlock"], check=True)
    os.execv(SNAKEMAKE, [SNAKEMAKE, *arguments])  # noqa: S606


if __name__ == "__main__":
    run(main)

"""Writes what each finished job took: duration, peak memory, attempts."""

import ast
import csv
from pathlib import Path
from typing import Annotated

import pandas as pd
from typer import Option

from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run

READ = {"rule_name", "wildcards", "resources", "threads", "s", "cpu_time", "max_rss"}
"""What is read of Snakemake's extended benchmark files."""

COLUMNS = ["rule", "job", "attempts", "seconds", "cpu_seconds", "threads", "peak_memory_mib"]
"""What is written; `NA` where a job ended before Snakemake looked at it."""


def job_of(file: Path) -> pd.DataFrame:
    """The job of a benchmark file, as a row; none if the file is not an extended one."""
    # Snakemake joins its fields with tabs and quotes nothing.
    measured = pd.read_csv(file, sep="\t", quoting=csv.QUOTE_NONE)
    if not set(measured.columns) >= READ:
        return pd.DataFrame(columns=COLUMNS)
    wildcards, resources = (measured[name].map(ast.literal_eval) for name in ("wildcards", "resources"))
    job = wildcards.map(lambda named: " ".join(map(str, named.values())))
    attempts = resources.map(lambda asked: asked.get("attempt"))
    values = [measured["rule_name"], job, attempts, *(measured[n] for n in ("s", "cpu_time", "threads", "max_rss"))]
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def main(
    logs: Annotated[Path, Option(help="folder of Snakemake's benchmark files, which lie beside the logs of jobs")],
    out: Annotated[Path, options.file_to_write("table to write")],
) -> None:
    """Writes a table of the finished jobs, the longest first; a job that failed has no row."""
    jobs = [job_of(file) for file in sorted(logs.glob("*/**/*.tsv"))]
    table = pd.concat([pd.DataFrame(columns=COLUMNS), *jobs]).sort_values("seconds", ascending=False)
    atomic_write(out, table.to_csv(sep="\t", index=False, na_rep="NA"))


if __name__ == "__main__":
    run(main)

"""How long a command takes that has nothing left to do, beside the same command of an earlier version of the suite."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from segrepro.errors import SegReproError
from workflow.command_line import run

EARLIER, SUITE = "an earlier version", "suite"


def repeat(checkout: Path, page: str) -> None:
    """Builds a page again that is there already.

    Raises:
        SegReproError: there was something left to do.
    """
    snakemake = Path(sys.executable).with_name("snakemake")
    done = subprocess.run(
        [snakemake, "--cores", "2", page],
        cwd=checkout, env=os.environ | {"PYTHONPATH": str(checkout.resolve())}, capture_output=True, text=True,
    )  # fmt: skip
    if "Nothing to be done" not in done.stdout + done.stderr:
        raise SegReproError(
            f"{checkout}: found something left to do for {page}; expected a finished page. Build it there first:"
            f" snakemake --cores 2 {page}\n{(done.stdout + done.stderr)[-2000:]}"
        )


def main(
    earlier: Annotated[Path, Option(help="checkout of the earlier version, with the finished page")],
    suite: Annotated[Path, Option(help="checkout to compare with it, with the same page finished")] = Path(),
    page: Annotated[str, Option(help="page that is built again")] = "reports/synthcity.html",
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/second_run.json"),
    rounds: Annotated[int, Option(min=1, help="how many times each is timed")] = 5,
) -> None:
    """Builds a page that is finished, by two versions of the suite in turns.

    The suite compares what each result was made from with what lies there; an earlier version compared times of files.
    """
    ways = {EARLIER: lambda: repeat(earlier, page), SUITE: lambda: repeat(suite, page)}
    times = interleaved(ways, rounds=rounds)
    spread, ratios = milliseconds(times), {f"{SUITE} / {EARLIER}": ratio(times, SUITE, EARLIER)}
    print(table(spread, "milliseconds"), table(ratios, "ratio within a round"), sep="\n\n")
    write_json(out, {"page": page, "rounds": rounds, "ms": spread, "ratios": ratios})


if __name__ == "__main__":
    run(main)

"""Writes the list of the pages that are built and of those that are not."""

from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from reports.judging.arithmetic import check, deciding
from reports.judging.counts import read_counts
from reports.pages.index import built_tables, render
from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run


def main(
    suite: options.Suite,
    out: Annotated[Path, options.file_to_write("index to write; the pages lie beside it")],
    committed: Annotated[Path, Option(help="folder of evidence measured elsewhere")] = Path("reports/measurements"),
) -> None:
    """Writes the list of the pages that are built and of those that are not."""
    plan = loader.suite(suite)
    tables = built_tables(plan, out.parent)
    claims = loader.claims()
    results = check(loader.arithmetic().values(), {claim.id: claim for claim in claims}, read_counts(committed))
    atomic_write(out, render(plan, tables, claims, list(loader.datasets().values()), deciding(results)))


if __name__ == "__main__":
    run(main)

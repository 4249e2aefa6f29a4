"""Writes the list of the pages that are built and of those that are not."""

from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from data_manifests.errors import SegReproError
from reports.index import built_tables, render
from reports.rows import Table
from workflow.atomic_write import atomic_write
from workflow.command_line import run


def main(
    suite: Annotated[Path, Option(help="the suite file")],
    out: Annotated[Path, Option(help="index to write; the pages lie beside it")],
) -> None:
    """Writes the list of the pages that are built and of those that are not."""
    plan = loader.suite(suite)
    tables: dict[str, Table] = {}
    for name, report in plan.reports.items():
        try:
            tables |= built_tables(plan.model_copy(update={"reports": {name: report}}), out.parent)
        except SegReproError as error:
            page = out.parent / f"{name}.html"
            raise SegReproError(
                f"{error}\nRows that an earlier version of the suite wrote may differ. Build that page again: "
                f"snakemake --cores all --force {page}"
            ) from None
    atomic_write(out, render(plan, tables, loader.claims(), list(loader.datasets().values())))


if __name__ == "__main__":
    run(main)

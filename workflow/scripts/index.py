"""Writes the list of the pages that are built and of those that are not."""

from pathlib import Path
from typing import Annotated

from data_manifests import loader
from reports.pages.index import built_tables, render
from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run


def main(
    suite: options.Suite,
    out: Annotated[Path, options.file_to_write("index to write; the pages lie beside it")],
) -> None:
    """Writes the list of the pages that are built and of those that are not."""
    plan = loader.suite(suite)
    tables = built_tables(plan, out.parent)
    atomic_write(out, render(plan, tables, loader.claims(), list(loader.datasets().values())))


if __name__ == "__main__":
    run(main)

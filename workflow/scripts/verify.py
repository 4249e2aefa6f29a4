"""Checks that a prepared dataset is complete and right."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from data_manifests import loader
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from workflow import options
from workflow.command_line import run
from workflow.data import checksum_list
from workflow.data.check.verify import verify


def main(
    dataset: options.Dataset,
    data: options.Data,
    out: Annotated[
        Path, options.file_to_write("JSON file to write: number of files in each split, sha256 of the list")
    ],
    threads: Annotated[int, typer.Option(min=1, help="files to check at a time")] = os.cpu_count() or 1,
) -> None:
    """Checks that a prepared dataset is complete and right: counts, pairs, sizes, label values, checksums.

    Writes the result only if there is nothing wrong.
    """
    manifest = loader.dataset(dataset)
    if not data.is_dir():
        raise SegReproError(f"{data}: no such folder; prepare the dataset first (workflow/scripts/prepare.py)")
    verified = verify(manifest, loader.label_set(manifest.label_set), data, checksum_list.listed_for(manifest), threads)
    atomic_write(out, json.dumps(verified, indent=2) + "\n")


if __name__ == "__main__":
    run(main)

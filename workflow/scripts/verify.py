"""Checks that a prepared dataset is complete and right."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from data_manifests import loader
from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError
from segrepro.known_hashes import KnownHashes
from workflow import options
from workflow.command_line import run
from workflow.data import checksum_list, deciding_facts
from workflow.data.check import split_files
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

    A file that was found right before, and has the size and the times that it had then, is not read again. Writes the
    result only if there is nothing wrong.
    """
    manifest = loader.dataset(dataset)
    if not data.is_dir():
        raise SegReproError(f"{data}: no such folder; prepare the dataset first (workflow/scripts/prepare.py)")
    labels, checksums = loader.label_set(manifest.label_set), checksum_list.listed_for(manifest)
    known, listing = KnownHashes(split_files.known_hashes_of(out)), out.with_suffix(".sha256")
    right = _found_right(out, listing, deciding_facts.hashes_of(manifest, labels, checksums))
    verified = verify(manifest, labels, data, checksums, threads, known, right)
    paths = sorted(split_files.all_paths(split_files.files_of_splits(manifest, data).values()))
    digests = known.of([data / path for path in paths])
    atomic_write(listing, checksum_list.format_list({path: digests[data / path] for path in paths}))
    known.keep()
    # Last, because it vouches for the list.
    atomic_write(out, json.dumps(verified, indent=2) + "\n")


def _found_right(out: Path, listing: Path, facts: dict[str, str]) -> dict[str, str]:
    """The checksums of the files that the last verification found right, if it went by the same facts."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError, SegReproError):
        if json.loads(out.read_text(encoding="utf-8"))["facts_sha256"] == facts["facts_sha256"]:
            return checksum_list.read_list(listing)
    return {}


if __name__ == "__main__":
    run(main)

"""Lays out the files of a dataset as MMSegmentation reads them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from data_manifests import loader
from data_manifests.schemas.dataset import Dataset
from segrepro.atomic import atomic_folder, atomic_write, partial_of, remove_folder
from segrepro.file_lock import file_lock
from workflow import options
from workflow.command_line import run
from workflow.data import checksum_list, deciding_facts
from workflow.data.placed_by_hand import STAMP, refuse_to_replace
from workflow.data.prepare import (
    camvid,
    camvid_720,
    cityscapes,
    cityscapes_coarse,
    coco_voc,
    manual,
    nyu_depth_v2,
    pascal_context,
    voc2012,
)
from workflow.data.synthcity import draw


def main(
    dataset: options.Dataset,
    downloads: Annotated[Path, typer.Option(help="folder with its archives, as fetch.py leaves them")],
    out: Annotated[Path, typer.Option(help="folder to make, or a link to an empty one; files of a person stay")],
    threads: Annotated[int, typer.Option(min=1, help="files to make at a time")] = os.cpu_count() or 1,
) -> None:
    """Lays out the files of a dataset as MMSegmentation reads them. The folder appears complete or not at all."""
    manifest = loader.dataset(dataset)
    busy = f"{out}: another process is preparing it; wait for its end, then try again"
    with file_lock(out.with_name(out.name + ".lock"), busy):
        refuse_to_replace(out)
        facts = _facts(manifest)
        _drop_what_other_facts_decided(facts, out)
        PREPARATIONS[manifest.preparation](manifest, downloads, out, threads)
        atomic_write(out / STAMP, facts)


def _facts(manifest: Dataset) -> str:
    labels, checksums = loader.label_set(manifest.label_set), checksum_list.listed_for(manifest)
    return deciding_facts.as_text(deciding_facts.of_prepared_files(manifest, labels, checksums))


def _drop_what_other_facts_decided(facts: str, out: Path) -> None:
    """Removes what a killed run left, if the facts have changed since: its files would be mixed with others."""
    partial, decided_by = partial_of(out), out.with_name(out.name + ".facts")
    if partial.exists() and not (decided_by.exists() and decided_by.read_text(encoding="utf-8") == facts):
        print(f"note: {partial}: begun with other facts in the manifest or label set; starting anew", file=sys.stderr)
        remove_folder(partial)
    atomic_write(decided_by, facts)


def _camvid(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    camvid.prepare(manifest, downloads, out, checksum_list.listed_for(manifest))


def _camvid_720(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    # The reduced pictures have the names of the owner's; who belongs to which split is SegNet's choice in both.
    reduced = [Path(path) for path in checksum_list.listed_for(loader.dataset("camvid")) or {}]
    split_of = {path.stem: path.parent.name for path in reduced if path.parent.name in manifest.splits}
    camvid_720.prepare(manifest, loader.label_set(manifest.label_set), split_of, downloads, out, threads)


def _manual(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    manual.prepare(manifest, downloads, out)


def _nyu_depth_v2(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    nyu_depth_v2.prepare(manifest, loader.label_set(manifest.label_set), downloads, out, threads)


def _synthcity(manifest: Dataset, downloads: Path, out: Path, threads: int) -> None:
    with atomic_folder(out) as folder:
        draw(manifest, loader.label_set(manifest.label_set), folder, threads)


PREPARATIONS: dict[str, Callable[[Dataset, Path, Path, int], None]] = {
    "camvid": _camvid,
    "camvid_720": _camvid_720,
    "cityscapes": cityscapes.prepare,
    "cityscapes_coarse": cityscapes_coarse.prepare,
    "coco_voc": coco_voc.prepare,
    "manual": _manual,
    "nyu_depth_v2": _nyu_depth_v2,
    "pascal_context": pascal_context.prepare,
    "synthcity": _synthcity,
    "voc2012": voc2012.prepare,
}


if __name__ == "__main__":
    run(main)

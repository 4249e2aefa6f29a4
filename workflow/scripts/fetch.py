"""Brings in one file that a manifest names, checked."""

from pathlib import Path
from typing import Annotated

import typer

from data_manifests import loader
from data_manifests.schemas.base import RemoteFile
from data_manifests.schemas.checkpoint import CheckpointCollection
from data_manifests.schemas.dataset import Dataset, Login
from segrepro.errors import SegReproError
from workflow import options
from workflow.command_line import run
from workflow.data.fetch.fetch import fetch


def main(
    manifest: Annotated[Path, typer.Option(help="file in data_manifests/datasets or data_manifests/checkpoints")],
    file: Annotated[str, typer.Option(help="name of the file in the manifest")],
    out: Annotated[Path, options.file_to_write("where to put it")],
    mirror: Annotated[
        Path | None,
        typer.Option(envvar="SEGREPRO_MIRROR", help="folder that is asked first; it holds <id of the manifest>/<file>"),
    ] = None,
) -> None:
    """Brings in one file that a manifest names: from the mirror, else from its addresses.

    A broken download is gone on with; size and sha256 are checked before the file gets its name.
    """
    collection, files, login = _read(manifest)
    if file not in files:
        raise SegReproError(f"{manifest}: found no file {file!r}; expected one of: {', '.join(files) or 'none'}")
    fetch(files[file], collection, out, mirror, login)


def _read(manifest: Path) -> tuple[str, dict[str, RemoteFile], Login | None]:
    """Id, files by name and login of a manifest of either kind."""
    if manifest.parent.name == "checkpoints":
        collection = loader.read(manifest, CheckpointCollection)
        return collection.id, {f.file: f for f in collection.files}, None
    dataset = loader.read(manifest, Dataset)
    return dataset.id, {s.file: s for s in dataset.sources}, dataset.login


if __name__ == "__main__":
    run(main)

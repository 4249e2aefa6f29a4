"""Checks an archive for a test server before it is handed in."""

from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from workflow import options
from workflow.command_line import run
from workflow.submission.check import require_right
from workflow.submission.form import FORMS
from workflow.submission.images import hidden_images, scoring_server


def main(
    archive: Annotated[Path, Option(help="zip file")],
    dataset: options.Dataset,
    data: options.Data,
    split: options.HiddenSplit,
) -> None:
    """Checks an archive for a test server before it is handed in: one right prediction for each image, and no more.

    What submit.py writes has been checked; this is for archives that were made elsewhere.
    """
    manifest = loader.dataset(dataset)
    server = scoring_server(manifest, split)
    sizes = hidden_images(manifest, data, split)
    require_right(archive, sizes, FORMS[server.form](loader.label_set(manifest.label_set)))
    print(f"{archive}: {len(sizes)} predictions, as {server.url} wants them")


if __name__ == "__main__":
    run(main)

"""What verify.py left behind on a dataset."""

import json
from pathlib import Path

from segrepro.errors import SegReproError


def verified_data(verified: Path) -> str:
    """The sha256 of the images and label maps of a dataset that a training or an evaluation can see.

    Args:
        verified: what verify.py wrote.

    Raises:
        SegReproError: the file is missing or damaged.
    """
    try:
        labelled = json.loads(verified.read_text(encoding="utf-8"))["labelled_sha256"]
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise SegReproError(
            f"{verified}: labelled_sha256: found none ({type(error).__name__}); expected it in what verify.py writes."
            f" Next: remove the file, if it is there, and snakemake --cores all data/verified/{verified.stem}.json"
        ) from None
    return str(labelled)

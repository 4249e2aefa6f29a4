"""The server that scores a split, and the images that it wants predictions for."""

from pathlib import Path

from PIL import Image

from data_manifests.schemas.dataset import Dataset, ScoringServer
from segrepro.clutter import matching
from segrepro.errors import SegReproError


def scoring_server(manifest: Dataset, split: str) -> ScoringServer:
    """The server that scores a split.

    Raises:
        SegReproError: the manifest names none, or the labels of the split are not hidden.
    """
    hidden = [name for name, s in manifest.splits.items() if s.labels == "hidden"]
    if manifest.test_server is None or split not in hidden:
        raise SegReproError(
            f"manifest of {manifest.id}: splits: found no {split!r} that a test_server scores; expected one of: "
            f"{', '.join(hidden if manifest.test_server else ()) or 'none'}"
        )
    return manifest.test_server


def hidden_images(manifest: Dataset, data: Path, split: str) -> dict[str, tuple[int, int]]:
    """Lists the images of a split whose labels are hidden.

    Args:
        manifest: the dataset.
        data: the prepared dataset.
        split: one of its splits.

    Returns:
        From the stem of the image's name to width and height in pixels, as its header says.

    Raises:
        SegReproError: the images are not all there.
    """
    layout = manifest.layout_of(split)
    placed = [f"put {s.file} into data/downloads/{manifest.id}, then " for s in manifest.sources if split in s.splits]
    prepare = f"{''.join(placed)}prepare the dataset: snakemake --cores all data/verified/{manifest.id}.json"
    if layout.names is None:
        files = matching(data, layout.images.format(split=split))
    else:
        listed = data / layout.names.format(split=split)
        if not listed.is_file():
            raise SegReproError(f"{listed}: no such file; {prepare}")
        files = [data / layout.images.replace("*", name) for name in listed.read_text(encoding="utf-8").split()]
    files = [file for file in files if file.relative_to(data).as_posix() not in manifest.known_bad_images(split)]
    if manifest.usable_images(split) not in (None, len(files)):
        raise SegReproError(
            f"{data}: found {len(files)} images of the split {split}; expected {manifest.usable_images(split)}; "
            f"{prepare}"
        )
    sizes = {}
    for file in files:
        try:
            with Image.open(file) as picture:
                sizes[file.stem] = picture.size
        except OSError as error:
            raise SegReproError(f"{file}: found no readable picture ({error}); {prepare}") from None
    return sizes

"""Pictures of predictions, as they are embedded in a page."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from data_manifests.schemas.evidence import Evaluation, Rank, Run, Sample
from reports.judging.evidence import Evidence
from segrepro.errors import SegReproError

MOST_RUNS = 6
"""Networks whose pictures a page shows."""
QUALITY = 80
"""Of the JPEG that a photo is embedded as; label maps stay exact."""
WRONG, RIGHT = (214, 39, 40), (236, 238, 240)
"""Colors of a picture of errors."""


@dataclass(frozen=True)
class Shown:
    """One image with its ground truth and prediction; pictures are data URIs."""

    name: str
    rank: Rank | None
    iou: float | None
    """Percent; None in older evidence, as the rank."""
    image: str
    truth: str
    prediction: str
    errors: str


@dataclass(frozen=True)
class Gallery:
    """The pictures that a prediction kept."""

    run: Run
    split: str
    images: int
    """Of the split, among which the ranks are."""
    shown: tuple[Shown, ...]


def galleries(evidence: Sequence[Evidence], void: tuple[int, int, int]) -> list[Gallery]:
    """Reads the sample pictures of the evaluations; committed evidence has none, and untrained networks show noise.

    Args:
        evidence: of the page.
        void: color of what is not labelled, where nothing is an error.

    Returns:
        At most `MOST_RUNS`, in the order of the evidence.

    Raises:
        SegReproError: a picture that the evidence names is missing.
    """
    found = [
        (item, item.record)
        for item in evidence
        if isinstance(item.record, Evaluation) and not item.committed and item.record.run.route != "untrained"
    ]
    with_pictures = [(item, record) for item, record in found if record.samples]
    return [
        Gallery(record.run, record.split, record.images, tuple(_shown(item, each, void) for each in record.samples))
        for item, record in with_pictures[:MOST_RUNS]
    ]


def _shown(item: Evidence, sample: Sample, void: tuple[int, int, int]) -> Shown:
    truth, prediction = _read(item, sample.truth), _read(item, sample.prediction)
    return Shown(
        name=sample.name,
        rank=sample.rank,
        iou=sample.iou,
        image=_photo(_read(item, sample.image)),
        truth=_label_map(truth),
        prediction=_label_map(prediction),
        errors=_errors(truth, prediction, void),
    )


def _read(evidence: Evidence, file: str) -> bytes:
    path = evidence.path.parent / "samples" / file
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SegReproError(
            f"{path}: no such file, but {evidence.path} names it in `samples`; delete that file and evaluate again"
        ) from None


def _photo(content: bytes) -> str:
    """A photo as JPEG, an eighth of the size of its PNG."""
    made = io.BytesIO()
    Image.open(io.BytesIO(content)).convert("RGB").save(made, "JPEG", quality=QUALITY, optimize=True)
    return _uri("jpeg", made.getvalue())


def _errors(truth: bytes, prediction: bytes, void: tuple[int, int, int]) -> str:
    """Where two label maps differ and the first is labelled, as a picture of two colors."""
    maps = [np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) for content in (truth, prediction)]
    if maps[0].shape != maps[1].shape:
        raise SegReproError("a sample's truth and prediction have different sizes; evaluate that run again")
    differs = (maps[0] != maps[1]).any(axis=2) & (maps[0] != void).any(axis=2)
    picture = Image.fromarray(differs.astype(np.uint8), mode="P")
    picture.putpalette([*RIGHT, *WRONG])
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True, bits=1)
    return _uri("png", made.getvalue())


def _label_map(content: bytes) -> str:
    """A label map as PNG with a palette, exactly; a third of its size as RGB."""
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    colors, indices = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colors) > 256:
        return _uri("png", content)
    picture = Image.fromarray(indices.reshape(pixels.shape[:2]).astype(np.uint8), mode="P")
    picture.putpalette(colors.flatten().tolist())
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return _uri("png", made.getvalue())


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64," + base64.b64encode(content).decode("ascii")

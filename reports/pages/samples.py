"""Pictures of predictions, as they are embedded in a page."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_manifests.schemas.evidence import Evaluation, Run, Sample
from reports.judging.evidence import Evidence
from segrepro.errors import SegReproError

from .confusion import Counted, image_iou

MOST_SCENES = 3
"""Images of one page."""
MOST_RUNS = 8
"""Networks whose predictions of an image a page shows."""
QUALITY = 80
"""Of the JPEG that a photo is embedded as; label maps stay exact."""
WRONG, RIGHT = (214, 39, 40), (236, 238, 240)
"""Colors of a picture of errors."""
RANKS = {1: ("the only one",), 2: ("better", "worse"), 3: ("best", "median", "worst")}


@dataclass(frozen=True)
class Predicted:
    """What one network makes of an image; pictures are data URIs."""

    run: Run
    prediction: str
    errors: str
    iou: float | None
    """Mean over the classes of this image, percent; None without counts."""


@dataclass(frozen=True)
class Scene:
    """One image with its ground truth and predictions; pictures are data URIs."""

    name: str
    image: str
    truth: str
    predictions: tuple[Predicted, ...]
    rank: str = ""
    """By the mean IoU of its predictions, among the pictured images: best, median, worst; empty without counts."""


def scenes(evidence: Sequence[Evidence], counted: Mapping[Path, Counted], void: tuple[int, int, int]) -> list[Scene]:
    """Reads sample pictures of the evaluations, grouped by image and ground truth.

    A run whose test pipeline crops, pads or reduces the label map has a ground truth of its own. Committed evidence has
    no pictures, and those of untrained networks show noise.

    Args:
        evidence: of the page.
        counted: by path of the evaluation.
        void: color of what is not labelled, where nothing is an error.

    Returns:
        At most `MOST_SCENES`, of `MOST_RUNS` networks each, in the order of the evidence. Where
        there are counts, the best first.

    Raises:
        SegReproError: a picture that the evidence names is missing.
    """
    grouped: dict[tuple[str, str, bytes], list[tuple[Evidence, Run, Sample]]] = {}
    for item in evidence:
        if item.committed or not isinstance(item.record, Evaluation) or item.record.run.route == "untrained":
            continue
        for sample in item.record.samples:
            key = (item.record.split, sample.name, _read(item, sample.truth))
            grouped.setdefault(key, []).append((item, item.record.run, sample))
    chosen = sorted(grouped.items(), key=lambda group: -len(group[1]))[:MOST_SCENES]
    shown = [(key[2], group[:MOST_RUNS]) for key, group in chosen]
    paths = {item.path for _, group in shown for item, _, _ in group}
    ious = {path: image_iou(counted[path]) for path in paths if path in counted}
    found = [(_mean_iou(group, ious), _scene(truth, group, ious, void)) for truth, group in shown]
    if any(iou is None for iou, _ in found):
        return [scene for _, scene in found]
    found.sort(key=lambda pair: -(pair[0] or 0))
    ranks = RANKS.get(len(found), ("",) * len(found))
    return [Scene(s.name, s.image, s.truth, s.predictions, rank) for (_, s), rank in zip(found, ranks, strict=True)]


def _scene(
    truth: bytes,
    group: Sequence[tuple[Evidence, Run, Sample]],
    ious: Mapping[Path, Mapping[str, float]],
    void: tuple[int, int, int],
) -> Scene:
    first, _, sample = group[0]
    predictions = []
    for item, run, own in group:
        picture = _read(item, own.prediction)
        iou = ious.get(item.path, {}).get(own.name)
        predictions.append(Predicted(run, _label_map(picture), _errors(truth, picture, void), iou))
    return Scene(sample.name, _photo(_read(first, sample.image)), _label_map(truth), tuple(predictions))


def _mean_iou(group: Sequence[tuple[Evidence, Run, Sample]], ious: Mapping[Path, Mapping[str, float]]) -> float | None:
    values = [ious.get(item.path, {}).get(sample.name) for item, run, sample in group if run.route != "untrained"]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


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

"""Pictures of predictions, as they are embedded in a page."""

import base64
from dataclasses import dataclass, field

from data_manifests.schemas.evidence import Evaluation, Run
from reports.judging.evidence import Evidence
from segrepro.errors import SegReproError


@dataclass
class Scene:
    """One image with its ground truth and the prediction of each run; pictures are data URIs."""

    name: str
    image: str
    truth: str
    predictions: list[tuple[Run, str]] = field(default_factory=list)


def scenes(evidence: list[Evidence]) -> list[Scene]:
    """Reads the sample pictures of all evaluations, grouped by image and ground truth.

    A run whose test pipeline crops, pads or reduces the label map has a ground truth of its own. Committed evidence has
    no pictures.

    Raises:
        SegReproError: a picture that the evidence names is missing.
    """
    found: dict[tuple[str, str, str], Scene] = {}
    for item in evidence:
        if item.committed or not isinstance(item.record, Evaluation):
            continue
        for sample in item.record.samples:
            truth = _data_uri(item, sample.truth)
            key = (item.record.split, sample.name, truth)
            if key not in found:
                found[key] = Scene(sample.name, _data_uri(item, sample.image), truth)
            found[key].predictions.append((item.record.run, _data_uri(item, sample.prediction)))
    return list(found.values())


def _data_uri(evidence: Evidence, file: str) -> str:
    path = evidence.path.parent / "samples" / file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SegReproError(
            f"{path}: no such file, but {evidence.path} names it in `samples`; delete that file and evaluate again"
        ) from None
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")

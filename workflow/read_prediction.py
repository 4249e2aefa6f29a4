"""What predict.py left behind, checked: the record of a prediction and its counts."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_manifests import loader
from data_manifests.errors import SegReproError
from data_manifests.schemas.evidence import Prediction
from mmseg_plugins.evaluation.counts_file import shapes_of
from mmseg_plugins.provenance import sha256_of_file


def read_prediction(record_path: Path) -> tuple[Prediction, dict[str, NDArray[np.int64]]]:
    """Reads a prediction.

    Args:
        record_path: `prediction.json`; `confusion.npz` lies beside it.

    Returns:
        The record, and the arrays by name as `counts_file.counts_of` takes them.

    Raises:
        SegReproError: a file is missing, the record breaks its schema, or the arrays are not those that it describes.
    """
    record = loader.read(record_path, Prediction)
    path = record_path.with_name("confusion.npz")
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; expected the counts that predict.py writes beside prediction.json")
    if (found := sha256_of_file(path)) != record.confusion_sha256:
        raise SegReproError(
            f"{path}: sha256: found {found}; expected {record.confusion_sha256}, as prediction.json says. Predict again"
        )
    shapes = shapes_of(record)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name in shapes}
    if (found := {name: array.shape for name, array in arrays.items()}) != shapes:
        raise SegReproError(f"{path}: arrays: found the shapes {found}; expected {shapes}. Predict again")
    return record, arrays

"""What predict.py left behind, checked: the record of a prediction and its counts."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Prediction
from mmseg_plugins.evaluation.counts_file import shapes_of
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file


def read_prediction(record_path: Path) -> tuple[Prediction, dict[str, NDArray[Any]]]:
    """Reads a prediction.

    Args:
        record_path: `prediction.json`; `confusion.npz` lies beside it.

    Returns:
        The record, and the arrays of `counts_file.arrays_of` by name.

    Raises:
        SegReproError: a file is missing, the record breaks its schema, its classes are not those of the dataset's
            label set, or the arrays are not those that it describes.
    """
    try:
        record = evidence_file.read(record_path, Prediction)
    except SegReproError as error:
        raise SegReproError(f"{error}\nPredict again: snakemake --cores all {record_path}") from None
    label_set = loader.label_set_of(record.run.dataset)
    if record.classes != (expected := tuple(c.name for c in label_set.classes)):
        raise SegReproError(
            f"{record_path}: classes: found {', '.join(record.classes)}; expected {', '.join(expected)}, those of the "
            f"label set {label_set.id} in this order. Predict again"
        )
    path = record_path.with_name("confusion.npz")
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; expected the counts that predict.py writes beside prediction.json")
    if (found := hash_of_file(path)) != record.confusion_sha256:
        raise SegReproError(
            f"{path}: sha256: found {found}; expected {record.confusion_sha256}, as prediction.json says. Predict again"
        )
    shapes = shapes_of(record)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name in shapes}
    if (read := {name: array.shape for name, array in arrays.items()}) != shapes:
        raise SegReproError(f"{path}: arrays: found the shapes {read}; expected {shapes}. Predict again")
    return record, arrays

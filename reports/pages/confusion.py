"""Which classes a network takes for which, from the counts that lie beside an evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.evidence import Evaluation, Run
from reports.judging.evidence import Evidence

from .heat import HeatCell, HeatMap, HeatRow

MOST_CLASSES = 21
"""Rows of one table; of more classes, those with the most pixels."""
MOST_RUNS = 6
"""Tables of one page."""


@dataclass(frozen=True)
class Counted:
    """The counts of one evaluation's single pass."""

    names: tuple[str, ...]
    """Of the images."""
    confusion: NDArray[np.int64]
    """Pixels, shape (images, classes + 1, outputs): true class, void last, by predicted class."""


def counts(evidence: Sequence[Evidence]) -> dict[Path, Counted]:
    """Reads the counts beside the evaluations of this machine.

    Args:
        evidence: of the page; committed evidence has no counts, nor has an evaluation whose file was removed.

    Returns:
        By path of the evaluation: the counts of its first inference rule.
    """
    found = {}
    for item in evidence:
        file = item.path.parent / "confusion.npz"
        if not item.committed and isinstance(item.record, Evaluation) and file.is_file():
            with np.load(file, allow_pickle=False) as arrays:
                confusion = arrays[item.record.inference[0]].astype(np.int64)
                found[item.path] = Counted(tuple(arrays["names"].tolist()), confusion)
    return found


def confusion_maps(
    evidence: Sequence[Evidence], counted: Mapping[Path, Counted], names: Mapping[Run, str]
) -> list[HeatMap]:
    """Draws the confusion matrices of trained networks, each row in percent of the pixels of its class.

    Args:
        evidence: of the page.
        counted: by path of the evaluation.
        names: of the runs.

    Returns:
        At most `MOST_RUNS`, in the order of the evidence.
    """
    found = []
    for item in evidence:
        record = item.record
        if isinstance(record, Evaluation) and record.run.route != "untrained" and item.path in counted:
            found.append(_map(record, counted[item.path], names[record.run]))
    return found[:MOST_RUNS]


def _map(record: Evaluation, counted: Counted, name: str) -> HeatMap:
    total = counted.confusion.sum(axis=0)[: len(record.classes)]
    pixels = total.sum(axis=1)
    shown = sorted(np.argsort(-pixels, kind="stable")[:MOST_CLASSES].tolist())
    shown = [i for i in shown if pixels[i]]
    heads = [record.classes[i] for i in shown]
    rows = []
    for i in shown:
        share = 100 * total[i] / pixels[i]
        cells = [HeatCell(f"{share[j]:.0f}" if share[j] >= 0.5 else "", round(share[j] / 10) or None) for j in shown]
        rows.append(HeatRow(record.classes[i], "", cells))
    return HeatMap(f"{name}: predicted class, percent of the pixels of the true class", "True class", heads, rows)

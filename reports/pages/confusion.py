"""Which classes a network takes for which, from the counts that lie beside an evaluation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


class CountsBeside(Mapping[Path, Counted]):
    """The counts beside the evaluations of this machine, under their first inference rule, by path of the evaluation.

    They are read when somebody asks for them, and not kept: a page shows a few of what may be thousands. Committed
    evidence has no counts, nor has an evaluation whose file was removed.
    """

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        """Notes which evaluations have counts.

        Args:
            evidence: of the page.
        """
        self._rules = {
            item.path: item.record.inference[0]
            for item in evidence
            if not item.committed and isinstance(item.record, Evaluation) and _beside(item.path).is_file()
        }

    def __getitem__(self, path: Path) -> Counted:
        """Reads the counts of one evaluation."""
        with np.load(_beside(path), allow_pickle=False) as arrays:
            return Counted(tuple(arrays["names"].tolist()), arrays[self._rules[path]].astype(np.int64))

    def __contains__(self, path: object) -> bool:
        """Whether an evaluation has counts; reads none."""
        return path in self._rules

    def __iter__(self) -> Iterator[Path]:
        """Over the evaluations."""
        return iter(self._rules)

    def __len__(self) -> int:
        """How many evaluations have counts."""
        return len(self._rules)


def _beside(evaluation: Path) -> Path:
    return evaluation.parent / "confusion.npz"


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
        if len(found) == MOST_RUNS:
            break
    return found


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

"""The first screen of a page: what it is about, how its claims came out, its age, and what can be taken along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import Evaluation
from reports.judging.evidence import Evidence

from .board import Board
from .build import Build, newest
from .chips import Chip, chips
from .claims_table import ClaimsTable
from .exports import Export


@dataclass(frozen=True)
class Header:
    """Title, sentence, chips, build and files."""

    title: str
    lead: str
    chips: Sequence[Chip]
    build: Build
    newest: date | None
    """Of the evidence."""
    exports: Sequence[Export]


def header(
    title: str,
    dataset: Dataset,
    table: ClaimsTable,
    board: Board,
    evidence: Sequence[Evidence],
    build: Build,
    files: Sequence[Export],
) -> Header:
    """Puts the first screen together."""
    text = lead(dataset, table, evidence)
    return Header(title, text, chips(table.counts, table.quoted, board), build, newest(evidence), files)


def lead(dataset: Dataset, table: ClaimsTable, evidence: Sequence[Evidence]) -> str:
    """One or two sentences: what the page compares, and how much of it is judged."""
    runs: dict[tuple[str, int], set[str]] = {}
    for item in evidence:
        record = item.record
        if isinstance(record, Evaluation) and record.run.route != "untrained":
            runs.setdefault((record.split, record.images), set()).add(record.run.model)
    scored = " and ".join(
        f"{len(models)} network{'s' if len(models) != 1 else ''} on the {images} image{'s' if images != 1 else ''} of"
        f" “{split}”"
        for (split, images), models in runs.items()
    )
    done = f"This build scored {scored}." if scored else f"No network was scored on {dataset.title} in this build."
    if not table.claims:
        return f"No paper makes a claim about its own model on {dataset.title}. {done}"
    are = "is" if table.judged == 1 else "are"
    return (
        f"What papers report for {dataset.title} beside what we measured: {table.judged} of"
        f" {table.claims} claim{'s' if table.claims != 1 else ''} {are} judged. {done}"
    )

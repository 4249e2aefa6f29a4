"""The list of pages: those that are built, with their verdicts, and how to build the others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

from data_manifests import loader
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.suite import Suite
from reports.judging.arithmetic import Result
from reports.judging.ceiling import ceiling
from reports.judging.context import NO_DATASET, concerns, context_of
from reports.judging.outcome import Outcome
from reports.judging.rows import Row
from segrepro.errors import SegReproError

from .environment import environment


def built_tables(suite: Suite, folder: Path) -> dict[str, Table]:
    """Reads the rows of every report of the suite whose page is in a folder.

    Raises:
        SegReproError: the JSON file of a page is missing or breaks its schema; the message says how to build it.
    """
    tables = {}
    for name in suite.reports:
        page = folder / f"{name}.html"
        if page.is_file():
            try:
                tables[name] = loader.read(page.with_suffix(".json"), Table)
            except SegReproError as error:
                raise SegReproError(
                    f"{error}\nRows that an earlier version of the suite wrote may differ. Build that page again: "
                    f"snakemake --cores all --force {page}"
                ) from None
    return tables


def render(
    suite: Suite,
    tables: Mapping[str, Table],
    claims: Iterable[Claim],
    datasets: Sequence[Dataset],
    worked: Mapping[str, Result] | None = None,
) -> str:
    """Writes the index.

    Args:
        suite: all reports.
        tables: rows of the reports that are built.
        claims: of all papers; those about a paper's own models that concern no page are counted by dataset.
        datasets: all that have a manifest, those of the reports among them.
        worked: what follows from other numbers, by the claim that it decides.

    Returns:
        One self-contained HTML document.
    """
    claims = list(claims)
    manifests = {name: dataset for dataset in datasets for name in (dataset.id, *dataset.claim_names)}
    pages = [context_of(manifests[report.dataset], suite, name) for name, report in suite.reports.items()]
    elsewhere = [claim for claim in claims if claim.own and not any(concerns(claim, page) for page in pages)]
    return environment().get_template("index.html.jinja").render(
        suite=suite,
        tables=tables,
        counts={name: _outcomes(table.rows) for name, table in tables.items()},
        elsewhere=Counter("" if claim.dataset in NO_DATASET else claim.dataset for claim in elsewhere),
        manifests=manifests,
        ceiling=ceiling(claims, [row for table in tables.values() for row in table.rows], pages, worked or {}),
    )  # fmt: skip


def _outcomes(rows: Sequence[Row]) -> dict[Outcome, int]:
    """How many rows have each outcome."""
    counts = Counter(row.outcome for row in rows)
    return {outcome: counts[outcome] for outcome in get_args(Outcome) if counts[outcome]}

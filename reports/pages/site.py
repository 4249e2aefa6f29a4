"""What the index and the pages of papers are arranged from: the data of all pages that are built, and the facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from data_manifests import loader
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.data_path import DataPath
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe
from data_manifests.schemas.suite import Suite
from reports.judging.arithmetic import Result
from reports.judging.context import NO_DATASET, Context, context_of
from reports.judging.everywhere import Placed, own_rows
from reports.judging.findings import ShownFinding, by_claim
from segrepro.errors import SegReproError

from .build import Build
from .claims_table import Proof
from .data import PageData, provenance_anchor

NO_NAME = "no dataset"


@dataclass(frozen=True)
class Site:
    """All of it."""

    suite: Suite
    papers: Mapping[str, Paper]
    claims: Mapping[str, Claim]
    datasets: Mapping[str, Dataset]
    protocols: Mapping[str, Protocol]
    recipes: Mapping[str, Recipe]
    findings: Sequence[ShownFinding]
    worked: Mapping[str, Result]
    """What follows from other numbers, by the claim that it decides."""
    built: Mapping[str, PageData]
    """Pages that are built, by name."""
    build: Build
    paths: Mapping[str, DataPath] = field(default_factory=dict)
    """How the data goes through networks, by network; only of the code as it is."""

    @cached_property
    def pages(self) -> dict[str, Context]:
        """What the verdicts of each report depend on, built or not."""
        return {
            name: context_of(self.datasets[report.dataset], self.suite, name)
            for name, report in self.suite.reports.items()
        }

    @cached_property
    def rows(self) -> dict[str, list[Placed]]:
        """Of each own claim, by its id."""
        tables = {name: page.rows for name, page in self.built.items()}
        with_page = {report.dataset for report in self.suite.reports.values()}
        without = [dataset for name, dataset in self.datasets.items() if name not in with_page]
        elsewhere = [context_of(dataset, self.suite, None) for dataset in (*without, None)]
        claims, findings = tuple(self.claims.values()), by_claim(self.findings)
        return own_rows(claims, tables, self.suite, self.pages, elsewhere, self.worked, findings)

    @cached_property
    def proofs(self) -> dict[str, Proof]:
        """Evidence of all pages, by path, with the address of its provenance."""
        return {
            file.path: Proof(file, f"{name}.html#{provenance_anchor(i)}")
            for name, page in self.built.items()
            for i, file in enumerate(page.evidence, 1)
        }

    @cached_property
    def dataset_titles(self) -> dict[str, str]:
        """What a reader calls the dataset of each claim, by the claim's id."""
        titles = {name: d.title for d in self.datasets.values() for name in (d.id, *d.claim_names)}
        return {
            claim.id: NO_NAME if claim.dataset in NO_DATASET else titles.get(claim.dataset, claim.dataset)
            for claim in self.claims.values()
        }

    def own(self, paper: str) -> list[Claim]:
        """Claims of a paper about its own models."""
        return [claim for claim in self.claims.values() if claim.own and claim.paper == paper]


def built_pages(suite: Suite, folder: Path) -> dict[str, PageData]:
    """Reads the data of every report of the suite whose page is in a folder.

    Raises:
        SegReproError: the JSON file of a page is missing or breaks its schema; the message says how to build it.
    """
    pages = {}
    for name in suite.reports:
        page = folder / f"{name}.html"
        if page.is_file():
            try:
                pages[name] = loader.read(page.with_suffix(".json"), PageData)
            except SegReproError as error:
                raise SegReproError(
                    f"{error}\nRows that an earlier version of the suite wrote may differ. Build that page again: "
                    f"snakemake --cores all --force {page}"
                ) from None
    return pages

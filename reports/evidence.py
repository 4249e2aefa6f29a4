"""Evidence files of one report, and the single numbers in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from data_manifests import loader
from data_manifests.errors import SegReproError
from data_manifests.schemas.evidence import Evaluation, Profile, Run, ServerAnswer, Training
from data_manifests.schemas.suite import Report

Record = Evaluation | Profile | Training


class AnyEvidence(RootModel[Annotated[Record, Field(discriminator="kind")]]):
    """One evidence file of any kind that a page shows."""


@dataclass(frozen=True)
class Evidence:
    """One evidence file."""

    path: Path
    """Relative to the repository."""
    record: Record | ServerAnswer
    committed: bool
    """Whether it was measured elsewhere and lies in `reports/measurements`."""


@dataclass(frozen=True)
class Measurement:
    """One number of an evidence file."""

    metric: str
    value: float | None
    """In `unit`; None where undefined."""
    interval: tuple[float, float] | None
    unit: str
    protocol: str | None
    """None for numbers that no scoring protocol of the suite made."""
    split: str | None
    run: Run
    evidence: Path


def read(path: Path, *, committed: bool = False) -> Evidence:
    """Reads one evidence file.

    Raises:
        SegReproError: the path is absolute, or the file is missing or breaks its schema.
    """
    if path.is_absolute():
        raise SegReproError(f"{path}: evidence is named relative to the repository; run the program from there")
    return Evidence(path, loader.read(path, AnyEvidence).root, committed)


def collect(local: Iterable[Path], measurements: Path, report: Report) -> list[Evidence]:
    """Brings together this machine's evidence and the committed evidence of the report's runs.

    Args:
        local: evidence files of this machine; each must belong to one of the report's runs.
        measurements: folder of committed evidence, `<hardware>/<dataset>/<model>/<route>/seed<k>/<kind>.json`.
        report: dataset and runs.

    Returns:
        Evidence in the order of the report's runs. Where this machine has a file, the committed ones of the same run
        and kind are left out.

    Raises:
        SegReproError: a file cannot be read, or a local one belongs to no run of the report.
    """
    runs = [
        Run(model=run.model, dataset=report.dataset, route=run.route, seed=seed)
        for run in report.runs
        for seed in run.seeds
    ]
    here = [read(path) for path in local]
    for evidence in here:
        if evidence.record.run not in runs:
            listed = "; ".join(_in_words(run) for run in runs)
            raise SegReproError(
                f"{evidence.path}: run: found {_in_words(evidence.record.run)}; expected one of the report's runs: "
                f"{listed}. Add the run to config/reports or leave the file out"
            )
    taken = {(evidence.record.run, evidence.record.kind) for evidence in here}
    elsewhere = [read(path, committed=True) for path in sorted(measurements.glob(f"*/{report.dataset}/*/*/*/*.json"))]
    used = here + [e for e in elsewhere if e.record.run in runs and (e.record.run, e.record.kind) not in taken]
    return sorted(used, key=lambda e: (runs.index(e.record.run), e.record.kind, e.path))


def server_answers(folder: Path, report: Report) -> list[Evidence]:
    """The answers of test servers to submissions of the report's models.

    Args:
        folder: of entered answers, `<dataset>/<name>.yaml`.
        report: dataset and runs.

    Raises:
        SegReproError: a file breaks its schema, or names another dataset than its folder.
    """
    found = {path: loader.read(path, ServerAnswer) for path in sorted(folder.glob(f"{report.dataset}/*.yaml"))}
    for path, answer in found.items():
        if answer.dataset != report.dataset:
            raise SegReproError(
                f"{path}: dataset: found {answer.dataset}; expected {report.dataset}, as the folder is named. "
                "Correct the field or move the file"
            )
    models = {run.model for run in report.runs}
    return [Evidence(path, answer, committed=False) for path, answer in found.items() if answer.model in models]


def measurements(evidence: Evidence) -> list[Measurement]:
    """Lists the numbers of one evidence file: scores in percent, parameters in millions, operations in 10^9."""
    record = evidence.record
    match record:
        case Evaluation():
            return [
                Measurement(
                    s.metric, s.value, s.interval, "percent", s.protocol, record.split, record.run, evidence.path
                )
                for s in record.scores
            ]
        case Profile():
            costs = {"params_m": (record.parameters / 1e6, "million")} | {
                f"macs_g.{c.width}x{c.height}": (c.macs / 1e9, "10^9") for c in record.complexity
            }
            return [
                Measurement(metric, value, None, unit, None, None, record.run, evidence.path)
                for metric, (value, unit) in costs.items()
            ]
        case ServerAnswer():
            return [
                Measurement(metric, value, None, "percent", None, record.split, record.run, evidence.path)
                for metric, value in record.scores.items()
            ]
        case Training():
            return []


def _in_words(run: Run) -> str:
    return f"{run.model} on {run.dataset}, {run.route}, seed {run.seed}"

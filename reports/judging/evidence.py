"""Evidence files of one report, and the single numbers in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, RootModel

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import (
    Comparison,
    Difference,
    Efficiency,
    Evaluation,
    Inference,
    Profile,
    Provenance,
    Run,
    RunRoute,
    Sensitivity,
    ServerAnswer,
    Training,
    TrainingMemory,
)
from data_manifests.schemas.suite import Cost, Quantity, Report, Suite, SuiteComparison
from segrepro.errors import SegReproError

SideBySide = Comparison | Difference
Record = Evaluation | Profile | Efficiency | Sensitivity | Training | SideBySide


# A comparison's quantity: what claims call the ratio or the difference.
QUANTITIES: dict[Quantity, str] = {
    "latency": "speedup",
    "parameters": "size_ratio",
    "saved_activations": "activation_memory_reduction",
    "training_memory": "train_memory_reduction",
    "miou": "miou_delta",
}
MEMORY = {"saved_activations", "training_memory"}
# What is counted, in words.
COUNTED: dict[Cost, str] = {
    "parameters": "parameters of the prediction",
    "saved_activations": "activations saved for the backward pass",
    "training_memory": "weights, gradients, optimiser's state and saved activations",
}


class AnyEvidence(RootModel[Annotated[Record, Field(discriminator="kind")]]):
    """One evidence file of any kind that a page shows."""


@dataclass(frozen=True)
class Evidence:
    """One evidence file."""

    path: Path
    """Relative to the repository."""
    record: Record | ServerAnswer
    committed: bool
    """Whether it was measured on another machine and is committed in `reports/measurements`."""


class Measurement(NamedTuple):
    """One number of an evidence file."""

    metric: str
    value: float | None
    """In `unit`; None where undefined."""
    interval: tuple[float, float] | None
    unit: str
    protocol: str | None
    """None for numbers that no scoring protocol of the suite made."""
    split: str | None
    model: str
    run: Run | None
    """None for a comparison of two models."""
    evidence: Path
    conditions: str | None = None
    """Machine, input and precision, for numbers that depend on them."""
    comparison: str | None = None
    """Id of the comparison that it comes from."""
    counted: bool = False
    """Whether it depends on the network alone and is the same on every machine."""
    device: Literal["cpu", "cuda"] | None = None
    """Kind of device that it was timed on; None for numbers that were not timed."""
    size: tuple[int, int] | None = None
    """Width and height of the input that was timed."""
    machine: str | None = None
    """Name of the machine that it was timed on."""
    weights: RunRoute | None = None
    """Where the weights that were scored come from."""
    trained: tuple[str, ...] = ()
    """`<dataset>/<model>` of the networks whose weights were trained here, for numbers that depend on them."""


def read(path: Path, *, committed: bool = False) -> Evidence:
    """Reads one evidence file.

    Raises:
        SegReproError: the path is absolute, or the file is missing or breaks its schema.
    """
    if path.is_absolute():
        raise SegReproError(
            f"{path}: found an absolute path; expected one relative to the repository. Run the program from there"
        )
    return Evidence(path, record_of(path), committed)


def record_of(path: Path) -> Record:
    """What one evidence file holds.

    Raises:
        SegReproError: the file is missing, damaged, or breaks its schema; says what to do about it.
    """
    try:
        return evidence_file.read(path, AnyEvidence).root
    except SegReproError as error:
        raise SegReproError(f"{error}\n{_measure_again(path)}") from None


def collect(local: Iterable[Path], measurements: Path, report: Report) -> list[Evidence]:
    """Collects local and committed evidence of the report's runs and comparisons.

    Args:
        local: evidence files of this machine; each must belong to one of the report's runs or comparisons.
        measurements: folder of committed evidence, `<hardware>/<dataset>/<model>/<route>/seed<k>/<kind>.json` and
            `<hardware>/<dataset>/comparisons/<id>.json`.
        report: dataset, runs and comparisons.

    Returns:
        Evidence in the order of the report's runs, then of its comparisons. Local evidence replaces committed evidence
        of the same run and kind. Committed evidence of a comparison with other settings than the report's is left out.

    Raises:
        SegReproError: a file cannot be read, or a local file belongs to no run or comparison of the report, or to a
            comparison with other settings.
    """
    runs = [
        Run(model=run.model, dataset=report.dataset, route=run.route, seed=seed)
        for run in report.runs
        for seed in run.seeds
    ]
    subjects: list[Run | str] = [*runs, *(comparison.id for comparison in report.comparisons)]
    planned = {subject: i for i, subject in enumerate(subjects)}
    comparisons = {comparison.id: comparison for comparison in report.comparisons}
    committed = sorted(
        path
        for pattern in (f"*/{report.dataset}/*/*/*/*.json", f"*/{report.dataset}/comparisons/*.json")
        for path in measurements.glob(pattern)
    )
    local_evidence = [read(path) for path in local]
    committed_evidence = [read(path, committed=True) for path in committed]
    for evidence in local_evidence:
        subject = _subject(evidence.record)
        if subject not in planned or _dataset(evidence.record) != report.dataset:
            listed = "; ".join(_in_words(each) for each in planned)
            raise SegReproError(
                f"{evidence.path}: run: found {_in_words(subject)}; expected one of the report's runs: {listed}. Add"
                " it to config/reports or leave the file out"
            )
        for field, found, expected in _departures(evidence.record, comparisons):
            raise SegReproError(
                f"{evidence.path}: {field}: found {found}; expected {expected}, as config/reports plans the comparison"
                f" {subject}. Delete the file and measure again, or correct the plan"
            )
    taken = {(_subject(evidence.record), evidence.record.kind) for evidence in local_evidence}
    used = local_evidence + [
        evidence
        for evidence in committed_evidence
        if _subject(evidence.record) in planned
        and (_subject(evidence.record), evidence.record.kind) not in taken
        and not _departures(evidence.record, comparisons)
    ]
    _require_weights_of_training(used)
    return sorted(used, key=lambda e: (planned[_subject(e.record)], e.record.kind, e.path))


def _require_weights_of_training(used: Iterable[Evidence]) -> None:
    """Checks that scores are those of the weights that the training beside them made."""
    trained = {e.path.parent: (e.path, e.record.weights_sha256) for e in used if isinstance(e.record, Training)}
    for evidence in used:
        if isinstance(evidence.record, Evaluation | Sensitivity) and evidence.path.parent in trained:
            training, expected = trained[evidence.path.parent]
            if (found := evidence.record.provenance.checkpoint_sha256) != expected:
                raise SegReproError(
                    f"{evidence.path}: provenance.checkpoint_sha256: found {found}; expected {expected}, the"
                    f" weights_sha256 of {training}: these are the scores of another training."
                    f" {_measure_again(evidence.path)}"
                )


def _measure_again(path: Path) -> str:
    """What to do about evidence that cannot be used."""
    if path.parts[:1] == ("results",):
        return f"Make it again: snakemake --cores all {path}"
    return "Restore the file, or remove it and measure again"


def _departures(record: Record | ServerAnswer, planned: Mapping[str, SuiteComparison]) -> list[tuple[str, Any, Any]]:
    """Field, value in the record and value in the report, for each setting that differs between the two."""
    if not isinstance(record, SideBySide):
        return []
    plan = planned[record.id]
    measured: dict[str, Any] = {"quantity": record.metric if isinstance(record, Difference) else record.quantity}
    measured["models"] = record.models
    if isinstance(record, Comparison):
        measured |= {"size": record.size, "batch": record.batch}
    return [(field, found, getattr(plan, field)) for field, found in measured.items() if found != getattr(plan, field)]


def server_answers(folder: Path, suite: Suite, report: str) -> list[Evidence]:
    """The answers of test servers to submissions of the report's models.

    Args:
        folder: of entered answers, `<dataset>/<name>.yaml`.
        suite: all reports.
        report: name of the one that the answers are for.

    Raises:
        SegReproError: a file breaks its schema, names another dataset than its folder, or names a model that no report
            on the dataset has.
    """
    dataset = suite.reports[report].dataset
    known = {run.model for each in suite.reports.values() if each.dataset == dataset for run in each.runs}
    found = {path: loader.read(path, ServerAnswer) for path in sorted(folder.glob(f"{dataset}/*.yaml"))}
    for path, answer in found.items():
        if answer.dataset != dataset:
            raise SegReproError(
                f"{path}: dataset: found {answer.dataset}; expected {dataset}, as the folder is named. "
                "Correct the field or move the file"
            )
        if answer.model not in known:
            raise SegReproError(
                f"{path}: model: found {answer.model}; expected a model that a report on {dataset} has:"
                f" {', '.join(sorted(known)) or 'none'}. Correct the field or add a run to config/reports"
            )
    models = {run.model for run in suite.reports[report].runs}
    return [Evidence(path, answer, committed=False) for path, answer in found.items() if answer.model in models]


def measurements(evidence: Evidence) -> list[Measurement]:
    """Lists the numbers of one evidence file.

    Scores are in percent, parameters in millions, operations in 10^9, speed in frames a second; a comparison is given
    as the claims give it, differences in percentage points, and its metric ends with the baseline:
    `speedup_vs:<model>`.
    """
    record = evidence.record
    match record:
        case Evaluation():
            return [
                Measurement(
                    s.metric, s.value, s.interval, "percent", s.protocol, record.split, record.run.model, record.run,
                    evidence.path, weights=record.run.route, trained=trained_networks(record.run),
                )
                for s in record.scores
            ]  # fmt: skip
        case Profile():
            costs = {"params_m": (record.parameters / 1e6, "million")} | {
                f"macs_g.{c.width}x{c.height}": (c.macs / 1e9, "10^9") for c in record.complexity
            }
            memory = [] if record.training is None else [_counted_of_training(record, record.training, evidence.path)]
            return memory + [
                Measurement(
                    metric, value, None, unit, None, None, record.run.model, record.run, evidence.path, counted=True
                )
                for metric, (value, unit) in costs.items()
            ]
        case ServerAnswer():
            return [
                Measurement(
                    metric, value, None, "percent", record.protocol, record.split, record.model, record.run,
                    evidence.path, weights=record.weights,
                    trained=trained_networks(record.run.model_copy(update={"route": record.weights})),
                )
                for metric, value in record.scores.items()
            ]  # fmt: skip
        case Efficiency():
            # Float32 as written, at batch 1: what the papers time.
            timed = [line for line in record.inference if (line.precision, line.mode) == ("fp32", "eager")]
            peak = (
                [] if record.training.peak is None else [_peak_of_training(record, record.training.peak, evidence.path)]
            )
            return [_frames_per_second(record, line, evidence.path) for line in timed] + peak
        case Comparison():
            return [_compared(record, evidence.path)]
        case Difference():
            return [_subtracted(record, evidence.path)]
        case Sensitivity() | Training():
            return []


def trained_networks(run: Run) -> tuple[str, ...]:
    """The run's network, `<dataset>/<model>`, where its weights were trained here; else nothing."""
    return (f"{run.dataset}/{run.model}",) if run.route == "retrained" else ()


def _frames_per_second(record: Efficiency, line: Inference, path: Path) -> Measurement:
    latency = line.latency
    bounds = latency.interval_ms if latency else None
    outcome = f"; {line.failure}" if latency is None else _convergence(latency.converged)
    return Measurement(
        "fps", 1000 / latency.median_ms if latency else None, bounds and (1000 / bounds[1], 1000 / bounds[0]), "fps",
        None, None, record.run.model, record.run, path,
        conditions=f"{machine(record.provenance)} at {line.width}x{line.height}, batch 1, {line.precision},"
        f" {line.mode}{outcome}",
        device=record.provenance.hardware.device, machine=record.provenance.hardware.name,
        size=(line.width, line.height),
    )  # fmt: skip


def _counted_of_training(record: Profile, step: TrainingMemory, path: Path) -> Measurement:
    """The memory of a training step, GB, counted from tensor shapes."""
    return Measurement(
        "train_memory", step.counted / 1e9, None, "GB", None, None, record.run.model, record.run, path,
        conditions=f"{COUNTED['training_memory']} at {step.width}x{step.height}, batch {step.batch}, fp32",
        counted=True, size=(step.width, step.height),
    )  # fmt: skip


def _peak_of_training(record: Efficiency, peak: int, path: Path) -> Measurement:
    """The memory of a training step, GB: the peak that a GPU measured, in bytes."""
    hardware, step = record.provenance.hardware, record.training
    return Measurement(
        "train_memory", peak / 1e9, None, "GB", None, None, record.run.model, record.run, path,
        conditions=f"{machine(record.provenance)}, peak of a training step at {step.width}x{step.height}, batch"
        f" {step.batch}, fp32",
        device=hardware.device, machine=hardware.name, size=(step.width, step.height),
    )  # fmt: skip


def _compared(record: Comparison, path: Path) -> Measurement:
    """A comparison in the form of the claims: times as fast or small, or percent less memory."""
    model, baseline = record.models
    bounds = record.interval
    value, unit = record.ratio, "times"
    if record.peaks is not None:
        value = record.peaks[1] / record.peaks[0]
    if record.quantity in MEMORY:
        value, unit = 100 * (1 - 1 / value), "percent less"
    size = "" if record.size is None else f" at {record.size[0]}x{record.size[1]}, batch {record.batch}"
    outcome = _convergence(record.converged)
    if record.conditions is None:
        how, device, name = COUNTED[record.quantity], None, None
    else:
        what = "in turns in one run, fp32, eager" if record.peaks is None else "peak memory of a training step, fp32"
        how = f"{machine(record.provenance)}, {what}"
        device, name = record.provenance.hardware.device, record.provenance.hardware.name
    return Measurement(
        f"{QUANTITIES[record.quantity]}_vs:{baseline}", value, bounds, unit, None, None, model, None, path,
        conditions=f"{model} against {baseline}, {how}{size}{outcome}", comparison=record.id,
        counted=record.conditions is None, device=device, machine=name, size=record.size,
    )  # fmt: skip


def _subtracted(record: Difference, path: Path) -> Measurement:
    """A difference in the form of the claims."""
    model, baseline = record.models
    return Measurement(
        f"{QUANTITIES[record.metric]}_vs:{baseline}", record.value, record.interval, "pp", record.protocol,
        record.split, model, None, path,
        conditions=f"{model} against {baseline}, the same {record.images} images", comparison=record.id,
        trained=tuple(name for run in record.runs for name in trained_networks(run)),
    )  # fmt: skip


def _convergence(converged: bool | None) -> str:
    return ", not converged" if converged is False else ""


def machine(provenance: Provenance) -> str:
    """The machine in a few words."""
    hardware = provenance.hardware
    return f"{hardware.name} ({hardware.cpu_cores} cores)" if hardware.device == "cpu" else hardware.name


def _subject(record: Record | ServerAnswer) -> Run | str:
    """What a record is about: a run, or a comparison by its id."""
    return record.id if isinstance(record, SideBySide) else record.run


def _dataset(record: Record | ServerAnswer) -> str:
    return record.dataset if isinstance(record, SideBySide) else record.run.dataset


def _in_words(subject: Run | str) -> str:
    if isinstance(subject, str):
        return f"comparison {subject}"
    return f"{subject.model} on {subject.dataset}, {subject.route}, seed {subject.seed}"

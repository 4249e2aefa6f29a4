"""What the suite file plans, as files of the workflow. Nothing here needs Snakemake."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, get_args

from data_manifests.schemas.evidence import Run
from data_manifests.schemas.suite import Report, Stage, Suite, SuiteComparison, SuiteRun
from segrepro.errors import SegReproError

RUN = "results/{dataset}/{model}/{route}/seed{seed}"
"""Folder of a run."""


class AtHand(NamedTuple):
    """What a page can be built from without running anything."""

    files: list[str]
    """Evidence files of this machine that exist."""
    stages: tuple[Stage, ...]
    """The stages that lack nothing: each file that they make for the page is here or committed."""


def evidence(
    suite: Suite, report: Report, missing_weights: Collection[str] = (), counted_elsewhere: Collection[Run] = ()
) -> list[str]:
    """Lists the evidence files that the stages of a suite make for a page.

    Args:
        suite: its stages decide.
        report: the page.
        missing_weights: models whose published weights only a person can bring, and nobody has. That is no reason to
            have no page; it says how to bring them.
        counted_elsewhere: runs of whose networks a count is committed that still holds. A page takes it in by itself.

    Returns:
        Paths relative to the repository, whether they exist or not.
    """
    files, profiled = [], frozenset(profiled_runs(report))
    for run in report.runs:
        for seed in run.seeds:
            folder = _folder(report, run, seed)
            if (profiled_run := _run(report, run, seed)) in profiled:
                count = "structure" in suite.stages and profiled_run not in counted_elsewhere
                files += [f"{folder}/profile.json"] if count else []
                files += [f"{folder}/efficiency.json"] if "efficiency" in suite.stages else []
            if suite.scores(run) and (run.route != "official" or run.model not in missing_weights):
                files.append(f"{folder}/evaluation.json")
                files += [f"{folder}/training.json"] if run.route == "retrained" else []
    return files + [f"results/{report.dataset}/comparisons/{c.id}.json" for c in suite.comparisons(report)]


def evidence_at_hand(suite: Suite, report: Report, measurements: Path = Path("reports/measurements")) -> AtHand:
    """Looks for the evidence of a page, of all stages, in the working directory.

    Args:
        suite: what is planned; which stages it chooses makes no difference.
        report: the page.
        measurements: folder of committed evidence, which a page takes in by itself.
    """
    stages: tuple[Stage, ...] = ()
    # In the order in which they build on each other: where scores are missing, training adds nothing.
    for stage in get_args(Stage):
        before, with_it = (suite.model_copy(update={"stages": chosen}) for chosen in (stages, (*stages, stage)))
        added = set(evidence(with_it, report)) - set(evidence(before, report))
        if added and all(Path(file).is_file() or _is_committed(file, measurements) for file in added):
            stages = (*stages, stage)
    of_all_stages = evidence(suite.model_copy(update={"stages": get_args(Stage)}), report)
    return AtHand([file for file in of_all_stages if Path(file).is_file()], stages)


def profiled_runs(report: Report) -> list[Run]:
    """The runs whose networks a page counts and times.

    Neither weights nor seed change what a network costs, so the first run of each model stands for them all.
    """
    first = {run.model: run for run in reversed(report.runs)}
    return [_run(report, run, run.seeds[0]) for run in report.runs if run is first[run.model]]


def find_comparison(suite: Suite, dataset: str, name: str) -> tuple[SuiteComparison, Report]:
    """A comparison by its id, and the page that it belongs to.

    Raises:
        SegReproError: no page about the dataset plans it.
    """
    for report in suite.reports.values():
        for comparison in report.comparisons:
            if (report.dataset, comparison.id) == (dataset, name):
                return comparison, report
    raise SegReproError(f"config: no report on {dataset} plans the comparison {name!r}")


def comparisons_of(suite: Suite, stage: Stage) -> str:
    """A pattern of the ids of the comparisons that a stage makes, which never matches where it makes none."""
    planned = [comparison for report in suite.reports.values() for comparison in report.comparisons]
    return "|".join(comparison.id for comparison in planned if comparison.stage == stage) or "(?!)"


def scored_folders(suite: Suite, dataset: str, comparison: str) -> list[str]:
    """Folders of the runs of model and baseline whose mIoU a comparison is about."""
    planned, report = find_comparison(suite, dataset, comparison)
    return [_folder(report, run, run.seeds[0]) for run in report.scored_runs(planned)]


def short_trainings(suite: Suite) -> frozenset[tuple[str, str]]:
    """Dataset and model of the trainings that a page plans as some of minutes; all others are the papers' own."""
    return frozenset(
        (report.dataset, run.model)
        for report in suite.reports.values()
        for run in report.runs
        if run.route == "retrained" and not run.paper_scale
    )


def _folder(report: Report, run: SuiteRun, seed: int) -> str:
    return RUN.format(dataset=report.dataset, model=run.model, route=run.route, seed=seed)


def _run(report: Report, run: SuiteRun, seed: int) -> Run:
    return Run(model=run.model, dataset=report.dataset, route=run.route, seed=seed)


def _is_committed(file: str, measurements: Path) -> bool:
    """Whether some hardware's folder has an evidence file that would lie in `results` here."""
    return any(measurements.glob(f"*/{file.removeprefix('results/')}"))

"""What a plan of many runs costs, beside the bare Snakemake with as many jobs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from typer import Option

from benchmarks.pages import PROVENANCE
from benchmarks.timing import ratio, table, write_json
from data_manifests import evidence_file
from data_manifests.schemas.evidence import (
    Evaluation,
    Prediction,
    Profile,
    Provenance,
    Run,
    Sample,
    Training,
    pictures_of,
)
from mmseg_plugins.runtime.computing_code import COST, PREDICTION, TRAINING, Part, code_sha256, config_files_sha256
from mmseg_plugins.runtime.provenance import CHECKOUT
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file, hash_of_hashes
from workflow.command_line import run
from workflow.plan import RUN
from workflow.scoring import scoring_sha256
from workflow.verified_data import verified_data

DATASET = "synthcity"
PAGE = f"reports/{DATASET}.html"
NETWORKS = ("espnet_p2q8", "fcn2s_dilated_vgg16", "ladder_densenet121_2017", "ldn121", "shelfnet18_lw")
SEEDS = 10
"""Of each network."""
KINDS = ("image", "truth", "prediction")
"""Of pictures."""
PLAN, NOTHING_LEFT = "plan", "nothing left to do"
SUITE, BARE = "suite", "bare Snakemake"
FOLDERS = ("config", "data_manifests", "mmseg_plugins", "profiles", "reports", "segrepro", "workflow")
COPIED = (*FOLDERS, "Snakefile", "environment.yml")

BARE_SNAKEFILE = """\
FOLDERS = [f"results/net{run // 10}/seed{run % 10}" for run in range(RUNS)]
rule all:
    input: [f"{folder}/{kind}.json" for folder in FOLDERS for kind in ("training", "evaluation")],
           [f"{folder}/profile.json" for folder in FOLDERS[::10]]
rule train:
    output: weights="results/{net}/{seed}/weights.pth", evidence="results/{net}/{seed}/training.json"
    log: "logs/train/{net}-{seed}.log"
    threads: 2
    shell: "false"
rule predict:
    input: "results/{net}/{seed}/weights.pth"
    output: "results/{net}/{seed}/prediction.json", "results/{net}/{seed}/confusion.npz"
    log: "logs/predict/{net}-{seed}.log"
    threads: 2
    shell: "false"
rule score:
    input: "results/{net}/{seed}/prediction.json", "results/{net}/{seed}/confusion.npz"
    output: "results/{net}/{seed}/evaluation.json"
    log: "logs/score/{net}-{seed}.log"
    shell: "false"
rule profile:
    output: "results/{net}/{seed}/profile.json"
    log: "logs/profile/{net}-{seed}.log"
    shell: "false"
"""


TIMED = """\
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[2:])
seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as taken:
    json.dump([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6], taken)
sys.exit(done.returncode)
"""
"""Runs a command in a small process between: a process begins with the peak of the one that started it."""


class Cost(NamedTuple):
    """What one process took."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    """Resident memory, in 10^6 bytes."""


def cost_of(folder: Path, *arguments: str, expected: str) -> Cost:
    """Runs Snakemake in a folder.

    Args:
        folder: where its Snakefile lies.
        arguments: of the command.
        expected: what it must say.

    Raises:
        SegReproError: it says something else.
    """
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", "2", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEGREPRO_")}
    with tempfile.NamedTemporaryFile("r") as taken:
        done = subprocess.run(
            [sys.executable, "-c", TIMED, taken.name, *command],
            cwd=folder, env=environment | {"PYTHONPATH": str(folder)}, capture_output=True, text=True,
        )  # fmt: skip
        said = done.stdout + done.stderr
        if done.returncode != 0 or expected not in said:
            raise SegReproError(
                f"{folder}: {' '.join(command)}: exit {done.returncode}; expected 0, and the words {expected!r}:\n"
                f"{said[-3000:]}"
            )
        return Cost(*json.load(taken))


def suite_checkout(folder: Path, runs: int) -> None:
    """Copies the suite, and plans a page of trainings: of every network so many seeds, on a small prepared dataset."""
    for name in COPIED:
        source, target = CHECKOUT / name, folder / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.html"))
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    manifest = folder / f"data_manifests/datasets/{DATASET}.yaml"
    facts = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    facts["splits"] = {"train": {"images": 2}, "val": {"images": 2}}
    manifest.write_text(yaml.safe_dump(facts, sort_keys=False), encoding="utf-8")
    configs = folder / "mmseg_plugins/configs" / DATASET
    planned = []
    for number in range(-(-runs // SEEDS)):
        name, network = f"net{number}", NETWORKS[number % len(NETWORKS)]
        (configs / f"{name}.py").write_text(f'_base_ = ["./{network}.py"]\n', encoding="utf-8")
        seeds = list(range(min(SEEDS, runs - SEEDS * number)))
        planned.append({"model": name, "route": "retrained", "seeds": seeds})
    for report in (folder / "config/reports").glob("*.yaml"):
        report.unlink()
    planned_page = {"title": "Many runs", "dataset": DATASET, "runs": planned}
    (folder / f"config/reports/{DATASET}.yaml").write_text(yaml.safe_dump(planned_page), encoding="utf-8")
    cost_of(folder, f"data/verified/{DATASET}.json", expected="(100%) done")


def finish(folder: Path, runs: int) -> None:
    """Leaves what the suite would after all runs, with made-up numbers."""
    data = verified_data(folder / f"data/verified/{DATASET}.json")
    configs = folder / "mmseg_plugins/configs" / DATASET
    for number in range(-(-runs // SEEDS)):
        config = configs / f"net{number}.py"
        files = config_files_sha256([config])
        made = {
            part: Provenance.model_validate(
                PROVENANCE | {"config_files_sha256": files, "code_sha256": code_sha256([config], part, folder)}
            )
            for part in (TRAINING, PREDICTION, COST)
        }
        for seed in range(min(SEEDS, runs - SEEDS * number)):
            finish_run(folder, Run(model=config.stem, dataset=DATASET, route="retrained", seed=seed), made, data)
    (folder / PAGE).write_text("the page")
    (folder / PAGE).with_suffix(".json").write_text("{}")


def finish_run(folder: Path, described: Run, made: dict[Part, Provenance], data: str) -> None:
    """Leaves what one run would."""
    out = folder / RUN.format(**described.model_dump())
    (out / "samples").mkdir(parents=True)
    (out / "weights.pth").write_text(f"weights of {described}")
    (out / "confusion.npz").write_text(f"counts of {described}")
    weights = hash_of_file(out / "weights.pth")
    samples = [Sample(name=name, **{kind: f"{name}_{kind}.png" for kind in KINDS}) for name in ("a", "b", "c")]
    pictures = pictures_of(samples, out / "samples")
    for picture in pictures:
        picture.write_text(picture.name)
    trained = made[TRAINING].model_copy(update={"data_sha256": data, "checkpoint_sha256": None})
    predicted = made[PREDICTION].model_copy(update={"data_sha256": data, "checkpoint_sha256": weights})
    common = {"run": described, "split": "val", "images": 2, "classes": ["road"], "void_predicted": False}
    prediction = Prediction.model_validate(
        common
        | {"provenance": predicted, "confusion_sha256": hash_of_file(out / "confusion.npz"), "samples": samples}
        | {"pictures_sha256": hash_of_hashes(map(hash_of_file, pictures))}
    )
    evidence_file.write(out / "prediction.json", prediction)
    scores = [{"protocol": "standard", "metric": "miou", "value": 50.0, "interval": [49.0, 51.0]}]
    scored = {"kind": "evaluation", "scores": scores, "scoring_sha256": scoring_sha256(DATASET)}
    evaluation = Evaluation.model_validate(dict(prediction) | scored)
    evidence_file.write(out / "evaluation.json", evaluation)
    steps = {"iterations": 3, "loss": [3.0, 2.0, 1.0], "learning_rate": [0.1, 0.1, 0.1]}
    evidence_file.write(
        out / "training.json",
        Training.model_validate(steps | {"run": described, "provenance": trained, "weights_sha256": weights}),
    )
    if described.seed == 0:
        evidence_file.write(
            out / "profile.json",
            Profile.model_validate({"run": described, "provenance": made[COST], "parameters": 1, "complexity": []}),
        )


def bare_checkout(folder: Path, runs: int) -> None:
    """Writes rules for as many jobs, with nothing but names of files."""
    folder.mkdir()
    (folder / "Snakefile").write_text(BARE_SNAKEFILE.replace("RUNS", str(runs)), encoding="utf-8")


def finish_bare(folder: Path, runs: int) -> None:
    """Makes all files of these rules."""
    for number in range(runs):
        out = folder / f"results/net{number // SEEDS}/seed{number % SEEDS}"
        out.mkdir(parents=True)
        for name in ("weights.pth", "confusion.npz"):
            (out / name).write_text("")
        for kind in ("training", "prediction", "evaluation", "profile"):
            (out / f"{kind}.json").write_text("")


def measure(runs: int, rounds: int) -> dict[str, dict[str, list[Cost]]]:
    """What Snakemake takes with the suite and without, for a plan and where nothing is left to do, in turns.

    Returns:
        For each of the two questions and each way: one cost a round.
    """
    with tempfile.TemporaryDirectory() as temporary:
        suite, bare = Path(temporary, "suite"), Path(temporary, "bare")
        suite.mkdir()
        suite_checkout(suite, runs)
        bare_checkout(bare, runs)
        ways: dict[str, tuple[Path, tuple[str, ...]]] = {SUITE: (suite, (PAGE,)), BARE: (bare, ())}
        found = {PLAN: _in_turns(ways, rounds, "--dry-run", expected="This was a dry-run")}
        finish(suite, runs)
        finish_bare(bare, runs)
        found[NOTHING_LEFT] = _in_turns(ways, rounds, expected="Nothing to be done")
    return found


def _in_turns(
    ways: dict[str, tuple[Path, tuple[str, ...]]], rounds: int, *options: str, expected: str
) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (folder, targets) in ways.items():
            costs[name].append(cost_of(folder, *options, *targets, expected=expected))
    return costs


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/planning.json"),
    runs: Annotated[list[int] | None, Option(help="how many; once for each; by default 300, 1000 and 3000")] = None,
    rounds: Annotated[int, Option(min=1, help="how many times each is timed")] = 3,
) -> None:
    """Plans a page of so many trainings from nothing, and once more where all of them are finished.

    Every run is three jobs, and every tenth has one more. The bare Snakemake plans as many, without checks and facts.
    """
    results, ratios = {}, {}
    for number in runs or [300, 1000, 3000]:
        for question, costs in measure(number, rounds).items():
            processor = {way: [cost.processor_seconds for cost in of_way] for way, of_way in costs.items()}
            ratios[f"{number} runs, {question}: {SUITE} / {BARE}"] = ratio(processor, SUITE, BARE)
            for way, of_way in costs.items():
                results[f"{number} runs, {question}: {way}"] = _summary(of_way)
    print(table(ratios, "ratio of processor time within a round"), _listed(results), sep="\n\n")
    write_json(out, {"rounds": rounds, "costs": results, "ratios": ratios})


def _summary(costs: list[Cost]) -> dict[str, float]:
    """The median of each number."""
    middle: Callable[[list[float]], float] = lambda values: sorted(values)[len(values) // 2]  # noqa: E731
    return {field: middle([getattr(cost, field) for cost in costs]) for field in Cost._fields}


def _listed(results: dict[str, dict[str, float]]) -> str:
    width = max(map(len, results))
    lines = [f"{'median':{width}}   seconds  of the processor  peak MB"]
    lines += [
        f"{name:{width}} {cost['seconds']:9.1f} {cost['processor_seconds']:17.1f} {cost['peak_mb']:8.0f}"
        for name, cost in results.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)

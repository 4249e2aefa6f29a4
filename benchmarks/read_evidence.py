"""How long a page takes to read its evidence, beside parsing the same files and nothing more."""

import gc
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from data_manifests import evidence_file
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Measurement, collect, measurements
from workflow.command_line import run

PROVENANCE = {
    "commit": "0" * 40,
    "dirty": False,
    "config_sha256": "a" * 64,
    "checkpoint_sha256": "b" * 64,
    "dataset_manifest_sha256": "c" * 64,
    "packages": dict.fromkeys(("torch", "torchvision", "mmseg", "mmengine", "mmcv", "numpy", "opencv"), "1.2.3"),
    "hardware": {"device": "cpu", "name": "a processor", "cpu_cores": 2, "memory_gib": 23.5},
    "started": "2026-01-02T03:04:05.678901Z",
    "duration_s": 61.5,
}
AIM_SECONDS = 3  # of the processor, for ten thousand files
SUITE, PARSED = "suite: read, checked, every number listed", "parsed as JSON"
METRICS = ("miou", "category_miou", "class_avg_accuracy", "pixel_accuracy", *(f"class_iou.c{i}" for i in range(81)))


def evidence(kind: str) -> dict[str, Any]:
    """One record as the run with seed 0 leaves it, with made-up numbers."""
    run = {"model": "net", "dataset": "streets", "route": "retrained", "seed": 0}
    common = {"schema_version": 1, "run": run, "provenance": PROVENANCE, "kind": kind}
    if kind == "profile":
        sizes = ((1024, 2048), (512, 1024))
        complexity = [{"height": height, "width": width, "macs": 1000 * height * width} for height, width in sizes]
        return {**common, "parameters": 354517, "inference_parameters": 354517, "complexity": complexity}
    scores = [
        {
            "protocol": "standard",
            "metric": metric,
            "value": 7919 * (i + 1) % 10007 / 101,
            "interval": [12.34567, 98.76543],
        }
        for i, metric in enumerate(METRICS)
    ]
    return {
        **common,
        "split": "val",
        "images": 500,
        "classes": [metric for metric in METRICS if "." in metric],
        "void_predicted": False,
        "confusion_sha256": "d" * 64,
        "samples": [],
        "scores": scores,
    }


def write(folder: Path, files: int) -> tuple[list[Path], Report]:
    """Writes evidence below a folder.

    Returns:
        The files, relative to the folder, and the report that they belong to.
    """
    written = []
    text = {kind: json.dumps(evidence(kind), indent=1) + "\n" for kind in ("evaluation", "profile")}
    for index in range(files):
        kind, seed = ("evaluation", "profile")[index % 2], index // 2
        path = Path(f"results/streets/net/retrained/seed{seed}/{kind}.json")
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(evidence_file.sealed(text[kind].replace('"seed": 0', f'"seed": {seed}')))
        written.append(path)
    runs = [{"model": "net", "route": "retrained", "seeds": list(range((files + 1) // 2))}]
    return written, Report.model_validate({"title": "Streets", "dataset": "streets", "runs": runs})


@contextmanager
def written(files: int) -> Iterator[tuple[list[Path], Report]]:
    """So many files of evidence as `write` makes them, in a folder that is the process's own while the body runs."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        made = write(Path(folder), files)
        os.chdir(folder)
        try:
            yield made
        finally:
            os.chdir(before)


def read(paths: list[Path], report: Report) -> list[Measurement]:
    """All numbers of the evidence, as a page gets them."""
    return [number for item in collect(paths, Path("measurements"), report) for number in measurements(item)]


def processor_seconds(paths: list[Path], report: Report) -> float:
    """What `read` takes of the processor, which other programs do not change much."""
    start = time.process_time()
    read(paths, report)
    return time.process_time() - start


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/read_evidence.json"),
    files: Annotated[int, Option(min=1, help="evidence files")] = 10_000,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 5,
) -> None:
    """Writes evidence as one dataset with many seeds would leave it, and reads it as a page does.

    Half of the files are evaluations of 85 scores, half are profiles. Reading lists all their numbers.
    """
    with written(files) as (paths, report):
        numbers, processor = len(read(paths, report)), processor_seconds(paths, report)
        ways = {SUITE: lambda: read(paths, report), PARSED: lambda: [json.loads(file.read_bytes()) for file in paths]}
        times = interleaved(ways, rounds=rounds)
    spread, ratios = milliseconds(times), {f"{SUITE} / {PARSED}": ratio(times, SUITE, PARSED)}
    print(f"{files} files, {numbers} numbers, {rounds} rounds in turns")
    print(f"{processor:.2f} s of the processor; the aim is less than {AIM_SECONDS * files / 10_000:.2f} s\n")
    print(table(spread, "milliseconds"), table(ratios, "ratio within a round"), sep="\n\n")
    results = {"files": files, "numbers": numbers, "rounds": rounds, "processor_seconds": processor}
    write_json(out, results | {"ms": spread, "ratios": ratios})


if __name__ == "__main__":
    # Records hold no cycles; Python's search for unreachable ones would take most of the time among thousands of them.
    gc.disable()
    run(main)

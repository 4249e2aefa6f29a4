"""How long a page takes to read its evidence."""

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from benchmarks.timing import write_json
from data_manifests.schemas.suite import Report
from reports.evidence import collect, measurements
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
    text = {kind: json.dumps(evidence(kind), indent=1) for kind in ("evaluation", "profile")}
    for index in range(files):
        kind, seed = ("evaluation", "profile")[index % 2], index // 2
        path = Path(f"results/streets/net/retrained/seed{seed}/{kind}.json")
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text[kind].replace('"seed": 0', f'"seed": {seed}'))
        written.append(path)
    runs = [{"model": "net", "route": "retrained", "seeds": list(range((files + 1) // 2))}]
    return written, Report.model_validate({"title": "Streets", "dataset": "streets", "runs": runs})


def seconds_to_read(files: int) -> tuple[float, float, int]:
    """Times `reports.evidence` on so many files; the folder of the process is another one meanwhile.

    Returns:
        Seconds, seconds of the processor, which other programs do not change much, and how many numbers were found.
    """
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        paths, report = write(Path(folder), files)
        os.chdir(folder)
        try:
            wall, processor = time.perf_counter(), time.process_time()
            numbers = [number for item in collect(paths, Path("measurements"), report) for number in measurements(item)]
            return time.perf_counter() - wall, time.process_time() - processor, len(numbers)
        finally:
            os.chdir(before)


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/read_evidence.json"),
    files: Annotated[int, Option(min=1, help="evidence files")] = 10_000,
) -> None:
    """Writes evidence as one dataset with many seeds would leave it, and reads it as a page does.

    Half of the files are evaluations of 85 scores, half are profiles. Reading lists all their numbers.
    """
    wall, processor, numbers = seconds_to_read(files)
    print(f"{files} files, {numbers} numbers: {wall:.2f} s, {processor:.2f} s of the processor")
    write_json(out, {"files": files, "numbers": numbers, "seconds": wall, "processor_seconds": processor})


if __name__ == "__main__":
    run(main)

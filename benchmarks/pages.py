"""What pages cost: evidence read, pages built by the suite's own program, their tables sorted and filtered."""

import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import yaml
from typer import Option

from benchmarks.timing import Times, interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.evidence_file import sealed
from data_manifests.schemas.suite import Report
from mmseg_plugins.runtime.provenance import CHECKOUT
from reports.judging.evidence import Measurement, collect, measurements
from segrepro.errors import SegReproError
from workflow.command_line import run

PROTOCOLS = {"cityscapes": ("standard", "espnet_cityscapes"), "pascal_context": ("standard",)}
"""That the evaluations of a dataset have scores under."""
ITERATIONS = 1000  # of each training
IMAGES = 500  # of each evaluation
CLASSES_SEEN = 12  # in one image, true or predicted: pixels of all others are zero
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
SUITE, PARSED = "suite: read, checked, every number listed", "parsed as JSON"


class Plan(NamedTuple):
    """A page, and what it may cost."""

    dataset: str
    """Its real claims stand on the page."""
    networks: int
    """Each is a line of the leaderboard."""
    seeds: int
    """Of each network."""
    seconds: float
    """Of the processor, at most."""
    megabytes: float
    """Of memory at its peak, at most."""


class Cost(NamedTuple):
    """What a page cost."""

    seconds: float
    """Of the processor."""
    megabytes: float
    """Of memory at its peak."""
    kilobytes: float
    """Of the page."""


PLANS = {
    "60 rows": Plan("pascal_context", 60, 1, 3, 300),
    "1 000 runs": Plan("cityscapes", 1000, 1, 20, 700),
    "10 000 evidence files": Plan("cityscapes", 500, 5, 20, 500),
}
MOST_KILOBYTES = 600  # of the page of 60 rows, which has no pictures
BROWSED, MANY_FILES = "1 000 runs", "10 000 evidence files"
ROWS, TABLES, MOST_MILLISECONDS = 1000, ("networks", "claims"), 100
SORT = "document.querySelector('#TABLE th[data-name=measured] button').click()"
SEARCH = "form.elements.q.value = 'WORD'; form.elements.q.dispatchEvent(new Event('input', {bubbles: true}))"
ACTIONS = {
    "sort": SORT,
    "sort the other way": SORT,
    "search": SEARCH.replace("WORD", "1"),
    "all rows again": SEARCH.replace("WORD", ""),
}
UNTIL_PAINTED = """() => new Promise(done => {
    const form = document.querySelector('form[data-for=TABLE]')
    const table = document.querySelector('#TABLE')
    const painted = new MessageChannel()
    painted.port1.onmessage = () => {
        const took = performance.now() - start
        const whole = () => parseFloat(table.style.marginBlockEnd || 0) ? requestAnimationFrame(whole) : done(took)
        whole()
    }
    const start = performance.now()
    ACTION
    requestAnimationFrame(() => painted.port2.postMessage(0))
})"""


MEASURED = """
import atexit, runpy, sys, time
def told():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(time.process_time(), status["VmHWM"].split()[0])
atexit.register(told)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program; says at its end what it took of the processor, seconds, and of memory at its peak, KiB."""


def records(dataset: str, network: int) -> dict[str, dict[str, Any]]:
    """What the run with seed 0 of a network leaves, by kind, with made-up numbers."""
    run = {"model": f"net_{network:04}", "dataset": dataset, "route": "retrained", "seed": 0}
    common = {"schema_version": 1, "run": run, "provenance": PROVENANCE}
    classes = [c.name for c in loader.label_set_of(dataset).classes]
    metrics = ["miou", "category_miou", "pixel_accuracy", "class_avg_accuracy"]
    metrics += [f"class_iou.{name.replace(' ', '_')}" for name in classes]
    scores = [
        {"protocol": protocol, "metric": metric, "value": 7919 * (network + i + 1) % 10007 / 101,
         "interval": [12.34567, 98.76543]}
        for protocol in PROTOCOLS[dataset] for i, metric in enumerate(metrics)
    ]  # fmt: skip
    sizes = ((1024, 2048), (512, 1024))
    latency = {"median_ms": 80.5 + network, "interval_ms": [80, 81 + network], "iqr_ms": 1.25, "p95_ms": 93.75,
               "calls": 70, "converged": True}  # fmt: skip
    inference = [
        {"height": height, "width": width, "precision": "fp32", "mode": "eager", "latency": latency,
         "throughput": {"batch": 4, "images_per_s": 15.5}, "peak_bytes": None, "failure": None}
        for height, width in sizes
    ]  # fmt: skip
    step = dict.fromkeys(("weights", "gradients", "optimizer_state", "saved_activations"), 2**20 + network)
    unread = dict.fromkeys(("tf32", "cudnn_benchmark", "cpu_governor", "clock_mhz", "temperature_c"))
    return {
        "evaluation": {**common, "kind": "evaluation", "split": "val", "images": IMAGES, "classes": classes,
                       "void_predicted": False, "confusion_sha256": "d" * 64, "samples": [], "scores": scores},
        "training": {**common, "kind": "training", "iterations": ITERATIONS, "weights_sha256": "b" * 64,
                     "loss": [2.9 / (1 + i / 40) + 0.01 * (i * 7919 % 13) for i in range(ITERATIONS)],
                     "learning_rate": [5e-4 * (1 - i / ITERATIONS) ** 0.9 for i in range(ITERATIONS)]},
        "profile": {**common, "kind": "profile", "parameters": 354517 + 1000 * network,
                    "inference_parameters": 354517 + 1000 * network,
                    "complexity": [{"height": h, "width": w, "macs": 1000 * (h * w + network)} for h, w in sizes]},
        "efficiency": {**common, "kind": "efficiency", "conditions": {"threads": 2, **unread}, "inference": inference,
                       "training": {"batch": 6, "height": 512, "width": 1024, **step, "peak": None}},
    }  # fmt: skip


def write(folder: Path, plan: Plan) -> tuple[list[Path], Report]:
    """Writes evidence below a folder, with the counts of each evaluation beside it.

    Returns:
        The files, relative to the folder, and the report that they belong to.
    """
    written, classes = [], len(loader.label_set_of(plan.dataset).classes)
    random = np.random.default_rng(0)
    counts = np.zeros((IMAGES, classes + 1, classes), np.int64)
    for of_image in counts:
        seen = random.choice(classes, min(CLASSES_SEEN, classes), replace=False)
        of_image[np.ix_(seen, seen)] = random.integers(1, 2**16, (len(seen), len(seen)))
    np.savez_compressed(folder / "counts.npz", names=[f"image_{i:04}" for i in range(IMAGES)], single_scale=counts)
    for network in range(plan.networks):
        text = {kind: json.dumps(record, indent=1) + "\n" for kind, record in records(plan.dataset, network).items()}
        for seed in range(plan.seeds):
            path = Path(f"results/{plan.dataset}/net_{network:04}/retrained/seed{seed}")
            (folder / path).mkdir(parents=True)
            (folder / path / "confusion.npz").hardlink_to(folder / "counts.npz")
            for kind, content in text.items():
                (folder / path / f"{kind}.json").write_text(sealed(content.replace('"seed": 0', f'"seed": {seed}')))
                written.append(path / f"{kind}.json")
    runs = [
        {"model": f"net_{network:04}", "route": "retrained", "seeds": [*range(plan.seeds)]}
        for network in range(plan.networks)
    ]
    return written, Report.model_validate({"title": "Many runs", "dataset": plan.dataset, "runs": runs})


@contextmanager
def written(plan: Plan) -> Iterator[tuple[list[Path], Report]]:
    """Evidence as `write` makes it, in a folder that is the process's own while the body runs."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        made = write(Path(folder), plan)
        os.chdir(folder)
        try:
            yield made
        finally:
            os.chdir(before)


def read(paths: list[Path], report: Report) -> list[Measurement]:
    """All numbers of the evidence, as a page gets them."""
    return [number for item in collect(paths, Path("measurements"), report) for number in measurements(item)]


def parse(paths: list[Path]) -> list[Any]:
    """The files as JSON, and nothing more."""
    return [json.loads(file.read_bytes()) for file in paths]


def build(paths: list[Path], report: Report) -> tuple[Cost, str]:
    """Builds a page by the suite's program, in a process of its own.

    Args:
        paths: files of evidence, relative to the current folder, where the page is written.
        report: that they belong to.

    Returns:
        What it cost, and the page.

    Raises:
        SegReproError: the program failed.
    """
    folder, page = Path("config/reports"), Path("page.html")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(CHECKOUT / "config/suite.yaml", folder.parent)
    (folder / "many.yaml").write_text(yaml.safe_dump(report.model_dump(mode="json")), encoding="utf-8")
    command = [str(CHECKOUT / "workflow/scripts/report.py"), "--suite", "config/suite.yaml"]
    command += ["--report", "many", "--out", str(page), *(word for path in paths for word in ("--evidence", str(path)))]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SegReproError(f"{command[0]}: found exit status {done.returncode}; expected 0")
    seconds, kibibytes = done.stdout.split()[-2:]
    text = page.read_text(encoding="utf-8")
    return Cost(float(seconds), int(kibibytes) * 1024 / 1e6, len(text.encode()) / 1000), text


def with_rows(page: str, table: str, rows: int) -> str:
    """A page one of whose tables has so many rows: its own, again and again, or the first of them."""
    before, head, rest = re.split(rf'(<table[^>]* id="{table}".*?<tbody[^>]*>)', page, maxsplit=1, flags=re.DOTALL)
    body, end, after = rest.partition("</tbody>")
    own = re.findall(r"<tr\b.*?</tr>", body, re.DOTALL)
    many = [re.sub(r' id="([^"]*)"', rf' id="\1--{i}"', row) for i, row in enumerate(islice(cycle(own), rows))]
    return "".join((before, head, *many, end, after))


def browse(page: Path, rounds: int) -> Times:
    """Seconds in Chromium from each of `ACTIONS` on each table until the rows in sight are painted.

    The next one starts when the rows out of sight are there, too.

    Args:
        page: whose tables have `ROWS` rows.
        rounds: how many times each action is timed, after a round that is not.

    Raises:
        SegReproError: a table has another number of rows at the end.
    """
    from playwright.sync_api import TimeoutError, sync_playwright

    found: Times = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 1280, "height": 800})
        tab.goto(page.absolute().as_uri() + "?claims.outcome=&networks.kind=yes")
        for name in TABLES:
            tab.locator(f"#{name}").scroll_into_view_if_needed()
            for i in range(rounds + 1):
                for action, code in ACTIONS.items():
                    took = tab.evaluate(UNTIL_PAINTED.replace("ACTION", code).replace("TABLE", name))
                    if i:
                        found.setdefault(f"{name}, {ROWS} rows: {action}", []).append(took / 1000)
            rows = tab.locator(f"#{name} tbody tr")
            with suppress(TimeoutError):
                rows.nth(ROWS - 1).wait_for(state="attached")  # The last ones come some frames later.
            if rows.count() != ROWS:
                raise SegReproError(f"{page}: #{name}: found {rows.count()} rows; expected {ROWS}")
        chromium.close()
    return found


def main(
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/pages.json"),
    rounds: Annotated[int, Option(min=1, help="how many times reading and each action are timed")] = 5,
    scale: Annotated[float, Option(min=0.001, max=1, help="share of the networks")] = 1.0,
) -> None:
    """Builds pages of made-up evidence by the suite's own program, and sorts and filters one in Chromium.

    Reading is timed by itself, beside parsing the same files as JSON and nothing more.
    """
    costs: dict[str, Cost] = {}
    for name, plan in PLANS.items():
        with written(plan._replace(networks=max(1, round(plan.networks * scale)))) as (paths, report):
            costs[name], page = build(paths, report)
            if name == BROWSED:
                for of in TABLES:
                    page = with_rows(page, of, ROWS)
                Path("browsed.html").write_text(page, encoding="utf-8")
                browsed = browse(Path("browsed.html"), rounds)
            if name == MANY_FILES:
                files, numbers = len(paths), len(read(paths, report))
                ways = {SUITE: partial(read, paths, report), PARSED: partial(parse, paths)}
                times = interleaved(ways, rounds=rounds)
    spread = milliseconds(times | browsed)
    ratios = {f"{SUITE} / {PARSED}": ratio(times, SUITE, PARSED)}
    print(f"{'page':28}{'seconds':>18}{'MB':>18}{'kB':>12}")
    for name, cost in costs.items():
        seconds, megabytes = (f"{cost[i]:.1f} (at most {PLANS[name][i + 3]:g})" for i in (0, 1))
        print(f"{name:28}{seconds:>18}{megabytes:>18}{cost.kilobytes:12.0f}")
    print(f"\n{files} files, {numbers} numbers, {rounds} rounds; in the browser at most {MOST_MILLISECONDS} ms\n")
    print(table(spread, "milliseconds"), table(ratios, "ratio within a round"), sep="\n\n")
    results = {"files": files, "numbers": numbers, "rounds": rounds, "scale": scale}
    write_json(out, results | {"pages": {k: v._asdict() for k, v in costs.items()}, "ms": spread, "ratios": ratios})


if __name__ == "__main__":
    # Records hold no cycles; Python's search for unreachable ones would take most of the time among thousands of them.
    gc.disable()
    run(main)

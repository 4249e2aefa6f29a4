"""Records like those of a real build, for tests of the pages. No number in here was measured."""

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from data_manifests import evidence_file
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.evidence import (
    Comparison,
    Difference,
    Efficiency,
    Evaluation,
    Profile,
    Sensitivity,
    Training,
)
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.suite import Suite
from reports.judging.context import context_of
from reports.judging.evidence import Evidence, collect, measurements
from reports.judging.findings import ShownFinding
from reports.judging.rows import Row, join
from reports.pages.build import Build
from reports.pages.confusion import CountsBeside
from reports.pages.data import PageData
from reports.pages.page import Facts, Page, page_of, render
from reports.pages.samples import galleries
from reports.pages.site import Site

CLASSES = {
    "sky": (128, 128, 128),
    "building": (128, 0, 0),
    "pole": (192, 192, 128),
    "road": (128, 64, 128),
    "traffic light": (192, 128, 128),
    "car": (64, 0, 128),
}

CAVEAT = "Scored on half of each image; the benchmark scores whole ones."


def suite(**changes: Any) -> Suite:
    return Suite.model_validate(
        {
            "stages": ["structure", "accuracy"],
            "standard_protocol": "standard",
            "tolerances": {
                "same_device": 0.02,
                "other_device": 0.1,
                "seeds": 3,
                "half_width": 1.5,
                "effect": 0.5,
                "speed": 0.08,
            },
            "reports": {
                "streets": {
                    "title": "Streets",
                    "dataset": "streets",
                    "runs": [{"model": "net_small", "route": "official", "caveat": CAVEAT}],
                    "comparisons": [
                        {
                            "id": "net-latency",
                            "quantity": "latency",
                            "models": ["net_small", "other_net"],
                            "size": [512, 256],
                            "claims": ["open.speedup"],
                        },
                    ],
                },
                "drawn": {
                    "title": "Drawn streets",
                    "dataset": "drawn",
                    "runs": [
                        {"model": "net_small", "route": "retrained"},
                        {"model": "net_small", "route": "untrained"},
                        {"model": "net_plain", "route": "retrained", "seeds": [3, 4]},
                    ],
                    "comparisons": [
                        {"id": "plain-against-small", "quantity": "miou", "models": ["net_plain", "net_small"]},
                    ],
                },
            },
        }
        | changes
    )


def dataset(**changes: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "id": "streets",
            "title": "Streets",
            "description": "Photographs of streets.",
            "claim_names": ["Streets", "Streets (implied)"],
            "licence": {"name": "CC BY-NC 4.0", "url": "https://example.org/licence", "terms": "Research only."},
            "citation": "A. Author: Streets. Journal, 2009.",
            "preparation": "camvid",
            "image_size": [480, 360],
            "splits": {"train": {"images": 367}, "val": {"images": 101}, "test": {"images": 233}},
            "layout": {"images": "{split}/*.png", "labels": "{split}annot/*.png"},
            "label_set": "streets",
        }
        | changes
    )


def label_set() -> LabelSet:
    return LabelSet.model_validate(
        {
            "id": "streets",
            "source": "the owner",
            "classes": [{"name": name, "color": color} for name, color in CLASSES.items()],
            "void": {"label": 11, "color": [0, 0, 0]},
        }
    )


def protocols() -> dict[str, Protocol]:
    basis = {"void": "code", "average": "code", "absent": "code"}
    common = {"source": "a benchmark", "average": "dataset", "absent": "skipped", "basis": basis}
    return {
        p["id"]: Protocol.model_validate(common | p)
        for p in (
            {
                "id": "standard",
                "title": "void ignored",
                "description": "Void pixels are not counted.",
                "void": "ignored",
            },
            {"id": "authors", "title": "void as a class", "description": "Void pixels are errors.", "void": "class"},
        )
    }


def paper(**changes: Any) -> Paper:
    return Paper.model_validate(
        {
            "id": "net_2018",
            "title": "Net: a network",
            "authors": ["A. Author", "B. Author"],
            "year": 2018,
            "arxiv": "1801.00001",
            "venue": "A conference",
            "code": "https://example.org/net",
            "notes": "",
            "documents": {},
            "protocols": {},
            "groups": [],
        }
        | changes
    )


def claim(**changes: Any) -> Claim:
    return Claim.model_validate(
        {
            "id": "net.miou",
            "paper": "net_2018",
            "model": "Net",
            "variant": "net_small",
            "dataset": "Streets",
            "split": "test",
            "metric": "miou",
            "value": 55.64,
            "as_printed": "55.64",
            "unit": "percent",
            "protocol": {"image_size": "480x360"},
            "scoring": "authors",
            "own": True,
            "role": "proposed",
            "measured_by": "authors",
            "tier": "readme",
            "source": {"document": "README.md", "location": "results table", "line": 42},
        }
        | changes
    )


def claims() -> list[Claim]:
    """One of each kind that a page shows."""
    abstract = {"dataset": "not stated", "split": "n/a", "scoring": None}
    return [
        claim(),
        claim(id="net.class-avg", metric="class_avg_accuracy", value=68.3, as_printed="68.30"),
        claim(id="net.val", split="val", scoring=None, value=61.0, as_printed="61.0"),
        claim(id="net.params", metric="params_m", value=0.354, as_printed="0.354", unit="million", **abstract),
        claim(id="net.fps", metric="fps", value=112, as_printed="112", unit="fps", hardware="a graphics card",
              **abstract),
        claim(id="net.speedup", metric="speedup_vs:Other", value=22, as_printed="22", unit="times", **abstract),
        claim(id="net.unsplit", dataset="Streets (implied)", split="not stated", value=0.56, as_printed="0.56",
              unit="fraction", scoring=None, ambiguity="split not stated"),
        claim(id="big.miou", model="BigNet", variant=None, value=61.2, as_printed="61.2"),
        *(claim(id=f"big.iou.{name}", model="BigNet", variant=None, metric=f"class_iou.{name.replace(' ', '_')}",
                value=50.5, as_printed="50.5") for name in CLASSES),
        claim(id="other.miou", model="Other", variant=None, own=False, role="comparison", citation="[7]",
              measured_by="quoted", value=51.3, as_printed="51.3"),
    ]  # fmt: skip


GPU = {"device": "cuda", "name": "A graphics card", "cpu_cores": 8, "memory_gib": 80.0}


def provenance(**changes: Any) -> dict[str, Any]:
    return {
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
        "config_sha256": "a" * 64,
        "checkpoint_sha256": "b" * 64,
        "dataset_manifest_sha256": "c" * 64,
        "packages": {"torch": "2.15.0", "numpy": "2.4.6"},
        "hardware": {"device": "cpu", "name": "A processor", "cpu_cores": 2, "memory_gib": 23.5},
        "started": "2026-01-02T03:04:05+00:00",
        "duration_s": 61.5,
    } | changes


def run(route: str = "official", dataset: str = "streets", seed: int = 0) -> dict[str, Any]:
    return {"model": "net_small", "dataset": dataset, "route": route, "seed": seed}


def scores(miou: float, protocol: str = "standard") -> list[dict[str, Any]]:
    numbers = {"miou": miou, "pixel_accuracy": miou + 30, "class_avg_accuracy": 68.3049} | {
        f"class_iou.{name.replace(' ', '_')}": miou + 20 - 8 * i for i, name in enumerate(CLASSES)
    }
    return [
        {"protocol": protocol, "metric": m, "value": max(v, 0.0), "interval": [max(v - 1.5, 0.0), v + 1.25]}
        for m, v in numbers.items()
    ]


def evaluation(run: dict[str, Any], scores: Sequence[dict[str, Any]], samples: Sequence[str] = ()) -> Evaluation:
    return Evaluation.model_validate(
        {
            "run": run,
            "provenance": provenance(),
            "split": "test",
            "images": 233,
            "classes": list(CLASSES),
            "void_predicted": True,
            "confusion_sha256": "d" * 64,
            "scores": scores,
            "samples": [
                {"name": name, "rank": rank, "iou": iou}
                | {part: f"{name}_{part}.png" for part in ("image", "truth", "prediction")}
                for name, rank, iou in zip(samples, ("best", "worst"), (61.5, 12.25), strict=False)
            ],
        }
    )


def profile(run: dict[str, Any]) -> Profile:
    return Profile.model_validate(
        {
            "run": run,
            "provenance": provenance(checkpoint_sha256=None, dataset_manifest_sha256=None),
            "parameters": 354517,
            "complexity": [{"height": 360, "width": 480, "macs": 1335398400}],
        }
    )


def latency(**changes: Any) -> dict[str, Any]:
    return {
        "median_ms": 80.0, "interval_ms": [79.5, 80.7], "iqr_ms": 1.25, "p95_ms": 93.75, "calls": 70, "converged": True,
    } | changes  # fmt: skip


def inference(**changes: Any) -> dict[str, Any]:
    return {
        "height": 360,
        "width": 480,
        "precision": "fp32",
        "mode": "eager",
        "latency": latency(),
        "throughput": {"batch": 4, "images_per_s": 15.5},
        "peak_bytes": None,
        "failure": None,
    } | changes


def conditions(**changes: Any) -> dict[str, Any]:
    return {
        "threads": 2, "tf32": None, "cudnn_benchmark": None, "cpu_governor": None, "clock_mhz": None,
        "temperature_c": None,
    } | changes  # fmt: skip


def efficiency(run: dict[str, Any], *lines: dict[str, Any]) -> Efficiency:
    return Efficiency.model_validate(
        {
            "run": run,
            "provenance": provenance(checkpoint_sha256=None),
            "conditions": conditions(),
            "inference": lines or [inference()],
            "training": {
                "batch": 6, "height": 360, "width": 480, "saved_activations": 2**30, "weights": 2**20,
                "gradients": 2**20, "optimizer_state": 0, "peak": None,
            },
        }
    )  # fmt: skip


def comparison(**changes: Any) -> Comparison:
    return Comparison.model_validate(
        {
            "id": "net-latency",
            "dataset": "streets",
            "quantity": "latency",
            "models": ["net_small", "other_net"],
            "size": [512, 256],
            "batch": 1,
            "values": [80.0, 1840.0],
            "ratio": 23.0,
            "interval": [22.8, 23.1],
            "pairs": 40,
            "converged": True,
            "conditions": conditions(),
            "provenance": provenance(checkpoint_sha256=None, dataset_manifest_sha256=None),
            "baseline_config_sha256": "f" * 64,
        }
        | changes
    )


def difference(**changes: Any) -> Difference:
    return Difference.model_validate(
        {
            "id": "plain-against-small",
            "runs": [run("retrained", "drawn", 3) | {"model": "net_plain"}, run("retrained", "drawn")],
            "split": "test",
            "images": 233,
            "protocol": "standard",
            "value": -10.45,
            "interval": [-11.25, -9.5],
            "confusion_sha256": ["d" * 64, "e" * 64],
            "provenance": provenance(),
            "baseline_provenance": provenance(),
        }
        | changes
    )


def sensitivity(run: dict[str, Any], claim: str = "net.miou") -> Sensitivity:
    return Sensitivity.model_validate(
        {
            "run": run,
            "provenance": provenance(),
            "split": "test",
            "images": 233,
            "claim": claim,
            "protocol": "authors",
            "miou": 55.6377,
            "switches": [
                {"kind": "scoring", "choice": "void", "setting": "not counted", "miou": 57.9124},
                {"kind": "input", "choice": "channels", "setting": "RGB in place of BGR", "miou": 55.25},
                {"kind": "inference", "choice": "scales", "setting": "6 scales and flip", "miou": 55.62},
                {"kind": "inference", "choice": "order", "setting": "resized after normalising", "miou": 55.63},
            ],
        }
    )


def training(run: dict[str, Any], iterations: int = 300) -> Training:
    return Training.model_validate(
        {
            "run": run,
            "provenance": provenance(checkpoint_sha256=None),
            "iterations": iterations,
            "loss": [2.9 / (1 + i / 40) + 0.2 * ((i * 7919) % 13) / 13 for i in range(iterations)],
            "learning_rate": [5e-4 * (1 - i / iterations) ** 0.9 for i in range(iterations)],
            "weights_sha256": "b" * 64,
        }
    )


def build(root: Path) -> dict[str, list[Path]]:
    """Writes the evidence of both pages of `suite()` below a folder, as the stages of the suite leave it.

    Returns:
        By report: evidence files, relative to the folder.
    """
    samples = ("a_0001", "a_0002")
    official, retrained, untrained = run(), run("retrained", "drawn"), run("untrained", "drawn")
    records = {
        "streets": [
            evaluation(official, scores(55.6377, "authors") + scores(57.9124), samples),
            profile(official),
        ],
        "drawn": [
            evaluation(retrained, scores(41.2), samples),
            training(retrained),
            profile(retrained),
            evaluation(untrained, scores(1.9), samples),
            profile(untrained),
        ],
    }
    written: dict[str, list[Path]] = {}
    for report, of_report in records.items():
        for record in of_report:
            where = record.run
            folder = Path("results", where.dataset, where.model, where.route, f"seed{where.seed}")
            (root / folder / "samples").mkdir(parents=True, exist_ok=True)
            evidence_file.write(root / folder / f"{record.kind}.json", record)
            written.setdefault(report, []).append(folder / f"{record.kind}.json")
            for sample in getattr(record, "samples", ()):
                for i, file in enumerate((sample.image, sample.truth, sample.prediction)):
                    (root / folder / "samples" / file).write_bytes(png(480, 360, 60 * i))
    return written


def write_content(path: Path, content: dict[str, Any]) -> None:
    """Writes an evidence file that says whatever a test needs, as if the suite had written it."""
    path.write_text(evidence_file.sealed(json.dumps(content, indent=1) + "\n"))


def build_sensitivity(root: Path) -> Path:
    """Writes how sensitive the first page's figure is to its protocol, below a folder; its path there."""
    path = Path("results/streets/net_small/official/seed0/sensitivity.json")
    evidence_file.write(root / path, sensitivity(run()))
    return path


def drawn() -> Dataset:
    return dataset(id="drawn", title="Drawn streets", claim_names=[])


def view(
    report: str,
    evidence: Sequence[Path],
    of_papers: Sequence[Claim] | None = None,
    answers: Sequence[Evidence] = (),
    plan: Suite | None = None,
) -> tuple[list[Row], Page]:
    """Joins and arranges one of the pages of `suite()`, from the folder that the evidence is named relative to."""
    plan = plan or suite()
    known = claims() if of_papers is None else of_papers
    about = dataset() if report == "streets" else drawn()
    files = [*collect(evidence, Path("measurements"), plan.reports[report]), *answers]
    joined = join(known, [n for file in files for n in measurements(file)], plan, context_of(about, plan, report))
    facts = Facts(about, label_set(), protocols(), {"net_2018": paper()}, {c.id: c for c in known})
    pictures = galleries(files, label_set().void.color)
    return joined.rows, page_of(report, plan, facts, joined, files, pictures, CountsBeside(files))


def page(
    report: str,
    evidence: Sequence[Path],
    of_papers: Sequence[Claim] | None = None,
    answers: Sequence[Evidence] = (),
    plan: Suite | None = None,
) -> tuple[list[Row], str]:
    """The same, rendered."""
    rows, arranged = view(report, evidence, of_papers, answers, plan)
    return rows, render(arranged)


def finding(**changes: Any) -> ShownFinding:
    return ShownFinding.model_validate(
        {
            "id": "two-numbers",
            "title": "Two numbers for one thing",
            "what": "The table and the text differ.",
            "where": "Table 1",
            "claims": ["net.miou"],
            "means": "Take the table.",
            "sure": "certain",
            "how": "read both",
            "paper": "net_2018",
            "origin": "reading",
        }
        | changes
    )


def site(built: Iterable[PageData], of_papers: Sequence[Claim] | None = None, **changes: Any) -> Site:
    """What the index and the page of the paper are arranged from."""
    known = claims() if of_papers is None else of_papers
    fields = {
        "suite": suite(),
        "papers": {"net_2018": paper()},
        "claims": {c.id: c for c in known},
        "datasets": {d.id: d for d in (dataset(), drawn())},
        "protocols": protocols(),
        "recipes": {},
        "findings": (finding(),),
        "worked": {},
        "built": {data.page: data for data in built},
        "build": Build("0" * 40, False),
    }
    return Site(**(fields | changes))


def png(width: int, height: int, shade: int) -> bytes:
    """A small valid picture, a gradient."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = height * (b"\0" + bytes((x // 2 + shade) % 256 for x in range(width)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")

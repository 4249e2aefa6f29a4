"""Many evidence files are read in one pass; what that takes, benchmarks/pages.py measures."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.pages import Plan, write
from data_manifests import evidence_file
from data_manifests.schemas.evidence import Training
from reports.judging.evidence import collect
from reports.pages.confusion import MOST_RUNS, CountsBeside, confusion_maps
from reports.pages.page import run_names

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    """Files of evidence, relative to the current folder, and the report that they belong to."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, Plan("cityscapes", 10, 5, 0, 0))


def test_evidence_is_that_of_the_runs_that_left_it(evidence):
    paths, report = evidence
    found = collect(paths[:8], Path("none"), report)
    kinds = ["efficiency", "evaluation", "profile", "training"]
    assert [(item.record.kind, item.record.run.seed) for item in found] == [(k, seed) for seed in (0, 1) for k in kinds]


def test_every_file_is_read_once(evidence, monkeypatch):
    paths, report = evidence
    opened, read_text = Counter(), Path.read_text

    def reading(path, **how):
        opened[path] += 1
        return read_text(path, **how)

    monkeypatch.setattr(Path, "read_text", reading)
    collect(paths, Path("none"), report)
    assert opened == dict.fromkeys(paths, 1)


def test_the_program_that_reads_them_makes_no_searches_for_cycles_meanwhile():
    code = (
        "import atexit, gc, runpy, sys; sys.argv = ['report.py', '--help'];"
        "atexit.register(lambda: print('searches:', gc.isenabled()));"
        "runpy.run_path('workflow/scripts/report.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("searches: False\n")


def test_a_page_reads_the_counts_that_it_shows(evidence, monkeypatch):
    paths, report = evidence
    found = collect(paths, Path("none"), report)
    read, load = [], np.load

    def reading(path, **how):
        read.append(path)
        return load(path, **how)

    monkeypatch.setattr(np, "load", reading)
    counts = CountsBeside(found)
    assert len(counts) == len({path.parent for path in paths})
    assert len(confusion_maps(found, counts, run_names(found))) == MOST_RUNS
    assert len(read) == MOST_RUNS


def test_losses_of_a_training_take_eight_bytes_each(evidence):
    (path,) = [path for path in evidence[0][:4] if path.stem == "training"]
    record = evidence_file.read(path, Training)
    assert record.loss.itemsize == 8
    assert Training.model_validate_json(record.model_dump_json()) == record
    assert json.loads(record.model_dump_json())["loss"] == json.loads(path.read_text())["loss"]

"""Many evidence files are read in one pass; what that takes, benchmarks/read_evidence.py measures."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.read_evidence import write

from reports.judging.evidence import collect

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    """Files of evidence, relative to the current folder, and the report that they belong to."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, 200)


def test_evidence_is_that_of_the_runs_that_left_it(evidence):
    paths, report = evidence
    found = collect(paths[:4], Path("none"), report)
    assert [(item.record.kind, item.record.run.seed) for item in found] == [
        ("evaluation", 0), ("profile", 0), ("evaluation", 1), ("profile", 1),
    ]  # fmt: skip


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

"""Reading evidence costs little more than checking it."""

from pathlib import Path

from benchmarks.read_evidence import processor_seconds, write, written
from reports.judging.evidence import collect


def test_ten_thousand_files_of_evidence_take_less_than_three_seconds_of_the_processor():
    # A twentieth of them, in seconds of this process alone, so that what else the machine does hardly matters.
    files = 500
    with written(files) as evidence:
        best = min(processor_seconds(*evidence) for _ in range(3))
    assert best * 10_000 / files < 3


def test_benchmark_reads_what_runs_leave(tmp_path, monkeypatch):
    paths, report = write(tmp_path, 4)
    monkeypatch.chdir(tmp_path)
    found = collect(paths, Path("none"), report)
    assert [(item.record.kind, item.record.run.seed) for item in found] == [
        ("evaluation", 0), ("profile", 0), ("evaluation", 1), ("profile", 1),
    ]  # fmt: skip

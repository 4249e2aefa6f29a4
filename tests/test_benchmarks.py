"""The benchmarks run, and what they compare counts the same."""

import json

import numpy as np
import pytest

from benchmarks import metric_cost
from benchmarks.timing import interleaved, milliseconds, ratio, table


def test_ways_take_turns_after_a_round_that_is_not_timed():
    done = []
    times = interleaved({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, rounds=3)
    assert "".join(done) == "abababab"
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}


def test_a_ratio_is_that_of_times_of_the_same_round():
    times = {"a": [1.0, 20.0, 3.0], "b": [2.0, 10.0, 3.0]}
    assert ratio(times, "a", "b") == {"median": 1.0, "low": 0.5, "high": 2.0}
    assert milliseconds(times)["a"] == {"median": 3000, "low": 1000, "high": 20000}
    assert table(milliseconds(times), "ms").splitlines()[1].split() == ["a", "3000.00", "1000.00", "20000.00"]


def test_metric_cost_compares_equal_counts(tmp_path, capsys, monkeypatch):
    # The program makes these settings for its own process.
    monkeypatch.setattr("numpy.in1d", None, raising=False)
    monkeypatch.setattr("torch.set_num_threads", lambda number: None)
    monkeypatch.setattr("cv2.setNumThreads", lambda number: None)
    metric_cost.main(tmp_path / "cost.json", images=1, rounds=1, width=128, height=64)
    written = json.loads((tmp_path / "cost.json").read_text())
    assert written["size"] == [128, 64]
    assert written["ms"].keys() >= {metric_cost.SUITE, metric_cost.MMSEG, metric_cost.REFERENCE}
    assert len(written["ratios"]) == len(metric_cost.GOALS)
    assert metric_cost.SUITE in capsys.readouterr().out


def test_metric_cost_stops_where_counts_differ(tmp_path, monkeypatch):
    scene = metric_cost.draw(tmp_path, 0, 128, 64)
    monkeypatch.setattr("numpy.in1d", np.isin, raising=False)
    metric_cost.check_equal([scene])
    scene.prediction[0, 0] = (scene.prediction[0, 0] + 1) % metric_cost.CLASSES
    with pytest.raises(AssertionError):
        metric_cost.check_equal([scene])

"""The benchmarks run, and what they compare counts the same."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from benchmarks import (
    checkpointing_memory,
    evaluation_throughput,
    metric_cost,
    multi_scale,
    read_evidence,
    readme,
    training_input,
)
from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.errors import SegReproError
from mmseg_plugins.network import build_network
from mmseg_plugins.training.weights import save_weights

PROGRAMS = (checkpointing_memory, evaluation_throughput, metric_cost, multi_scale, read_evidence, training_input)
CAMVID = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs/camvid/espnet_p2q8.py"


def test_all_programs_have_the_same_shape():
    listed = (readme.ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    files = {file.stem for file in (readme.ROOT / "benchmarks").glob("*.py")} - {"__init__", "readme", "timing"}
    assert {f"benchmarks.{file}" for file in files} == {program.__name__ for program in PROGRAMS}
    for program in PROGRAMS:
        assert f"`python -m {program.__name__}`" in listed
        default = Path("results", *program.__name__.split(".")).with_suffix(".json")
        assert inspect.signature(program.main).parameters["out"].default == default


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


def test_a_gpu_is_hidden_before_anything_looks_for_one():
    look = "import benchmarks, os, sys; print([os.environ['CUDA_VISIBLE_DEVICES']], 'torch' in sys.modules)"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
    done = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[''] False\n"


def test_the_machine_of_a_benchmark_is_its_cpu(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    write_json(tmp_path / "out.json", {"ms": 1})
    written = json.loads((tmp_path / "out.json").read_text())
    assert (written["hardware"]["device"], written["ms"]) == ("cpu", 1)


def test_checkpointing_memory_falls_from_level_to_level(tmp_path, capsys):
    checkpointing_memory.main(tmp_path / "memory.json", crop=64, batch=2)
    written = json.loads((tmp_path / "memory.json").read_text())
    kept = list(written["kept_bytes"].values())
    assert written["kept_bytes"].keys() == checkpointing_memory.LEVELS.keys()
    assert kept == sorted(set(kept), reverse=True)
    assert kept[-1] < kept[0] / 2
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "LDN-121, 64x64, batch 2"
    assert f"| nothing | {kept[0] / 2**20:.1f} | 100.0% |" in rows


def test_read_evidence_counts_what_it_reads(tmp_path, capsys):
    read_evidence.main(tmp_path / "evidence.json", files=4)
    written = json.loads((tmp_path / "evidence.json").read_text())
    scores, sizes = len(read_evidence.METRICS), 2
    assert (written["files"], written["numbers"]) == (4, 2 * scores + 2 * (1 + sizes))
    assert written["processor_seconds"] > 0
    assert f"4 files, {written['numbers']} numbers" in capsys.readouterr().out


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


@pytest.fixture
def camvid(tmp_path, monkeypatch):
    """Two small pictures where the CamVid config looks for its test split, and weights of a random network."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for folder in ("test", "testannot"):
        (tmp_path / "data/camvid" / folder).mkdir(parents=True)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / "data/camvid/test" / name), rng.integers(0, 256, (48, 64, 3), np.uint8))
        labels = rng.integers(0, 12, (6, 8), np.uint8).repeat(8, 0).repeat(8, 1)
        cv2.imwrite(str(tmp_path / "data/camvid/testannot" / name), labels)
    torch.manual_seed(0)
    weights = build_network(Config.fromfile(CAMVID)).state_dict()
    weights["decode_head.conv_seg.weight"] *= 1000  # so that no two classes come as close as rounding
    save_weights(weights, tmp_path / "weights.pth")
    return {"config": CAMVID, "weights": tmp_path / "weights.pth", "out": tmp_path / "out.json", "rounds": 1}


def test_evaluation_throughput_compares_equal_counts(camvid, capsys):
    evaluation_throughput.main(**camvid, dataset="camvid", images=2)
    written = json.loads(camvid["out"].read_text())
    assert written["images"] == 2
    assert written["ms"].keys() == {way for pair in evaluation_throughput.GOALS for way in pair[:2]}
    assert {"forward", "forward, channels-last", "areas by histc"} < written["parts_ms"].keys()
    assert evaluation_throughput.SUITE in capsys.readouterr().out


def test_evaluation_throughput_stops_where_counts_differ():
    counted = np.ones((1, 12, 12), np.int64)
    with pytest.raises(AssertionError):
        evaluation_throughput.check_equal([], counted, 2 * counted, loader.label_set("camvid"))


@pytest.mark.slow
def test_multi_scale_compares_equal_probabilities(camvid, capsys):
    multi_scale.main(**camvid, dataset="camvid", images=2)
    written = json.loads(camvid["out"].read_text())
    assert len(written["ratios"]) == 4
    assert written["ms"].keys() >= {multi_scale.SUITE, multi_scale.STOCK}
    assert multi_scale.STOCK in capsys.readouterr().out


def test_the_readmes_table_is_the_measured_one():
    text = (readme.ROOT / "README.md").read_text(encoding="utf-8")
    measured = readme.table(readme.ROOT / "benchmarks/measured/amd-epyc-2-cores")
    assert readme.with_table(text, measured) == text
    assert "| `metric_cost` |" in measured


def test_a_readme_without_a_place_for_the_table_is_refused():
    with pytest.raises(SegReproError, match=r"README\.md: found no place for the table"):
        readme.with_table("# Title\n", "")

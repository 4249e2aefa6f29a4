"""The benchmarks run, and what they compare counts the same."""

import inspect
import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from benchmarks import (
    bootstrap_cost,
    checkpointing_memory,
    evaluation_throughput,
    gpu_session,
    metric_cost,
    multi_scale,
    pages,
    planning,
    readme,
    second_run,
    timing,
    training_input,
    training_speed,
)
from benchmarks.timing import interleaved, milliseconds, ratio, table, write_json
from data_manifests import loader
from data_manifests.schemas.evidence import Hardware
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from tests.checkout import Checkout

PROGRAMS = (
    bootstrap_cost,
    checkpointing_memory,
    evaluation_throughput,
    gpu_session,
    metric_cost,
    multi_scale,
    pages,
    planning,
    second_run,
    training_input,
    training_speed,
)
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


def test_the_clock_is_read_when_the_gpu_has_nothing_left_to_do(monkeypatch):
    done = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append("wait"))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: done.append("clock") or len(done))
    interleaved({"a": lambda: done.append("a")}, rounds=2, device=torch.device("cuda"))
    assert done == ["a", "wait", *2 * ["clock", "a", "wait", "clock"]]


def test_results_say_which_device_and_how_many_threads_they_are_of(tmp_path, monkeypatch):
    card = SimpleNamespace(name="A graphics card", total_memory=80 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    for device in ("cpu", "cuda"):
        write_json(tmp_path / "out.json", {"ms": 1}, device=torch.device(device))
        written = json.loads((tmp_path / "out.json").read_text())
        assert (written["hardware"]["device"], written["threads"], written["ms"]) == (device, 7, 1)
    assert written["hardware"]["name"] == "A graphics card"


@pytest.fixture
def elsewhere(monkeypatch):
    """A device that can be told from the CPU, yet is one, and the list of devices that were waited for."""
    place, waited = torch.device("cpu", 0), []
    for program in (evaluation_throughput, metric_cost, multi_scale):
        monkeypatch.setattr(program, "choose_device", {"cuda": place}.__getitem__)
    monkeypatch.setattr(timing, "synchronize", waited.append)
    machine = {place: Hardware(device="cuda", name="A graphics card", cpu_cores=8, memory_gib=80.0)}
    monkeypatch.setattr(timing, "hardware", machine.__getitem__)
    return place, waited


def test_metric_cost_counts_on_the_device_that_is_asked_for(tmp_path, monkeypatch, elsewhere):
    for setting in ("torch.set_num_threads", "cv2.setNumThreads"):
        monkeypatch.setattr(setting, lambda number: None)
    monkeypatch.setattr("numpy.in1d", None, raising=False)
    out = tmp_path / "cost.json"
    metric_cost.main(out, images=1, rounds=1, width=128, height=64, device="cuda")
    assert json.loads(out.read_text())["hardware"]["device"] == "cuda"
    place, waited = elsewhere
    assert waited == (1 + 7) * [place], "waited for once before the clock starts, then for each way"
    assert metric_cost.draw(tmp_path, 0, 128, 64, torch.device("meta")).prediction.is_meta


@pytest.mark.parametrize("program", [evaluation_throughput, metric_cost, multi_scale])
def test_a_gpu_that_is_not_there_is_said_at_once(program):
    with pytest.raises(SegReproError, match="--device: found cuda, but no GPU"):
        program.main(device="cuda")


def test_bootstrap_cost_compares_equal_scores(tmp_path, capsys, monkeypatch):
    bootstrap_cost.main("camvid", tmp_path / "bootstrap.json", images=20, rounds=1)
    written = json.loads((tmp_path / "bootstrap.json").read_text())
    assert (written["images"], written["classes"], len(written["ratios"])) == (20, 11, 1)
    assert bootstrap_cost.ALONE in capsys.readouterr().out
    monkeypatch.setattr(bootstrap_cost, "scored_alone", lambda *_: np.zeros(bootstrap_cost.RESAMPLES_ALONE))
    with pytest.raises(AssertionError):
        bootstrap_cost.main("camvid", tmp_path / "bootstrap.json", images=20, rounds=1)


@pytest.mark.slow
def test_checkpointing_memory_falls_from_level_to_level(tmp_path, capsys):
    checkpointing_memory.main(tmp_path / "memory.json", crop=64, batch=2)
    written = json.loads((tmp_path / "memory.json").read_text())
    kept = list(written["kept_bytes"].values())
    assert written["kept_bytes"].keys() == checkpointing_memory.LEVELS.keys()
    assert kept == sorted(set(kept), reverse=True)
    assert kept[-1] < kept[0] / 2
    ratios = [spread["median"] for spread in written["ratios"].values()]
    assert ratios == [kept[0] / number for number in kept[1:]]
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "LDN-121, 64x64, batch 2"
    assert f"| nothing | {kept[0] / 2**20:.1f} | 100.0% |" in rows


@pytest.mark.slow
def test_pages_are_built_read_and_browsed(tmp_path, capsys):
    if shutil.which("chromium") is None:
        pytest.skip("no chromium is installed")
    pages.main(tmp_path / "pages.json", rounds=1, scale=0.01)
    written = json.loads((tmp_path / "pages.json").read_text())
    scores, sizes = 4 + 19, 2  # four metrics and nineteen classes under each of two protocols
    of_profile, of_efficiency = 1 + sizes, sizes
    assert (written["files"], written["numbers"]) == (5 * 5 * 4, 5 * 5 * (2 * scores + of_profile + of_efficiency))
    assert written["pages"].keys() == pages.PLANS.keys()
    assert all(cost["seconds"] > 0 and cost["megabytes"] > 0 for cost in written["pages"].values())
    actions = {f"{table}, 1000 rows: {action}" for table in pages.TABLES for action in pages.ACTIONS}
    assert written["ms"].keys() == {pages.SUITE, pages.PARSED} | actions
    assert len(written["ratios"]) == 1
    assert "100 files" in capsys.readouterr().out


@pytest.mark.slow
def test_a_page_of_sixty_networks_is_small_and_the_same_each_time():
    with pages.written(pages.PLANS["60 rows"]) as (paths, report):
        cost, page = pages.build(paths, report)
        assert pages.build(paths, report)[1] == page
    assert page.count('data-route="retrained"') == 60
    assert cost.kilobytes < pages.MOST_KILOBYTES


def test_a_table_gets_as_many_rows_as_are_asked_for():
    page = '<table id="a"><tbody>\n<tr id="x"><td>1</td></tr>\n<tr><td>2</td></tr></tbody></table><p>after</p>'
    assert pages.with_rows(page, "a", 3) == (
        '<table id="a"><tbody><tr id="x--0"><td>1</td></tr><tr><td>2</td></tr><tr id="x--2"><td>1</td></tr>'
        "</tbody></table><p>after</p>"
    )


@pytest.mark.slow
def test_planning_states_what_a_plan_takes_with_all_to_do_and_with_nothing(tmp_path, capsys):
    planning.main(tmp_path / "planning.json", runs=[12], rounds=1)
    written = json.loads((tmp_path / "planning.json").read_text())
    assert len(written["ratios"]) == 2 and len(written["costs"]) == 4
    assert all(min(cost.values()) > 0 for cost in written["costs"].values())
    assert f"12 runs, {planning.NOTHING_LEFT}: {planning.SUITE}" in capsys.readouterr().out


def test_planning_stops_where_something_is_left_to_do(tmp_path):
    planning.bare_checkout(tmp_path / "bare", 2)
    with pytest.raises(SegReproError, match="expected 0, and the words 'Nothing to be done'"):
        planning.cost_of(tmp_path / "bare", "--dry-run", expected="Nothing to be done")


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
    for split, scale in (("train", 2), ("test", 1)):  # the recipe crops up to 32 pixels from each side
        images, maps = (tmp_path / "data/camvid" / folder for folder in (split, f"{split}annot"))
        for folder in (images, maps):
            folder.mkdir(parents=True)
        for name in ("a.png", "b.png"):
            cv2.imwrite(str(images / name), rng.integers(0, 256, (48 * scale, 64 * scale, 3), np.uint8))
            labels = rng.integers(0, 12, (6 * scale, 8 * scale), np.uint8).repeat(8, 0).repeat(8, 1)
            cv2.imwrite(str(maps / name), labels)
    torch.manual_seed(0)
    weights = build_network(Config.fromfile(CAMVID)).state_dict()
    weights["decode_head.conv_seg.weight"] *= 1000  # so that no two classes come as close as rounding
    save_weights(weights, tmp_path / "weights.pth")
    return {"config": CAMVID, "weights": tmp_path / "weights.pth", "out": tmp_path / "out.json", "rounds": 1}


@pytest.mark.slow
def test_evaluation_throughput_compares_equal_counts(camvid, capsys, elsewhere):
    evaluation_throughput.main(**camvid, dataset="camvid", images=2, device="cuda")
    written = json.loads(camvid["out"].read_text())
    place, waited = elsewhere
    assert (written["images"], written["hardware"]["device"]) == (2, "cuda")
    assert place in waited
    assert written["ms"].keys() == {way for pair in evaluation_throughput.GOALS for way in pair[:2]}
    assert {"forward", "forward, channels-last", "areas by histc"} < written["parts_ms"].keys()
    assert evaluation_throughput.SUITE in capsys.readouterr().out


def test_the_bare_loop_feeds_the_network_where_it_is(camvid):
    label_set, fed = loader.label_set("camvid"), []
    pixel_values = SimpleNamespace(mean=torch.zeros(3, 1, 1), std=torch.ones(3, 1, 1))
    network = SimpleNamespace(
        data_preprocessor=pixel_values,
        parameters=lambda: iter([torch.empty(1, device="meta")]),
        extract_feat=lambda images: fed.append(images) or torch.zeros(1, 11, *images.shape[2:]),
        decode_head=type("Head", (), {"num_classes": 11, "__call__": lambda self, logits: logits})(),
    )
    files = {"img_path": "data/camvid/test/a.png", "seg_map_path": "data/camvid/testannot/a.png"}
    split = type("Split", (), {"__len__": lambda self: 1, "get_data_info": lambda self, index: files})()
    (counted,) = evaluation_throughput.bare_loop(network, split, label_set)
    assert fed[0].is_meta
    assert counted[:, 0].sum() == counted.sum() == 48 * 64


def test_evaluation_throughput_stops_where_counts_differ():
    counted = np.ones((1, 12, 12), np.int64)
    with pytest.raises(AssertionError):
        evaluation_throughput.check_equal([], counted, 2 * counted, loader.label_set("camvid"))


@pytest.mark.slow
def test_multi_scale_compares_equal_probabilities(camvid, capsys, elsewhere):
    multi_scale.main(**camvid, dataset="camvid", images=2, device="cuda")
    written = json.loads(camvid["out"].read_text())
    place, waited = elsewhere
    assert (written["hardware"]["device"], set(waited)) == ("cuda", {place})
    assert len(written["ratios"]) == 4
    assert written["ms"].keys() >= {multi_scale.SUITE, multi_scale.STOCK}
    assert multi_scale.STOCK in capsys.readouterr().out


@pytest.mark.slow
def test_training_speed_compares_equal_losses(camvid, capsys, monkeypatch):
    config = CAMVID.with_name("espnetc_p2q8.py")
    monkeypatch.setattr(training_speed, "WARM_UP", 1)
    training_speed.main(config, camvid["out"], steps=2, rounds=1)
    written = json.loads(camvid["out"].read_text())
    assert (written["config"], written["steps"]) == ("espnetc_p2q8.py", 2)
    assert written["ms"].keys() == {
        training_speed.COMPILED,
        training_speed.SUITE,
        training_speed.BARE,
        training_speed.STOCK,
        training_speed.STOCK_CHANNELS_LAST,
    }
    apart = written["largest_relative_difference_in_losses"]
    assert apart.keys() == {training_speed.COMPILED, training_speed.STOCK} and max(apart.values()) < 1e-3
    assert training_speed.STOCK in capsys.readouterr().out


def test_training_speed_stops_where_losses_differ(tmp_path, monkeypatch):
    def with_other_losses(settings, way, steps, folder, device):
        timed = training_speed.StepTimes(device)
        timed.ends = [float(end) for end in range(training_speed.WARM_UP + steps)]
        timed.losses = [2.0 + 1e-5 * (way == training_speed.BARE)] * len(timed.ends)
        return timed

    monkeypatch.setattr(training_speed, "train", with_other_losses)
    with pytest.raises(AssertionError):
        training_speed.main(CAMVID.with_name("espnetc_p2q8.py"), tmp_path / "out.json", steps=1, rounds=1)
    assert not (tmp_path / "out.json").exists()


MEASURED = readme.read(readme.ROOT / "benchmarks/measured/two-cores")


def test_the_texts_say_what_was_measured(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    texts = {name: (readme.ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "benchmarks/README.md")}
    for name, text in texts.items():
        (tmp_path / name).write_text(readme.replaced(text, "", name), encoding="utf-8")
    readme.main(root=tmp_path)
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in texts} == texts
    assert "| `metric_cost` |" in texts["benchmarks/README.md"]
    assert texts["README.md"].count(" times as fast**: ") == 3
    assert "| `metric_cost` |" not in texts["README.md"]


def test_the_gain_of_uncompressed_files_is_the_measured_one():
    gains = [
        spread["median"]
        for what, spread in MEASURED["training_input"]["ratios"].items()
        if what.endswith(": the recipe / the recipe, from uncompressed files")
    ]
    said = f"{min(gains):.1f} to {max(gains):.1f} times as fast"
    assert said in (readme.ROOT / "docs/using.md").read_text(encoding="utf-8")


def test_every_benchmark_has_its_rows_in_the_table(tmp_path):
    spread = {"median": 2.0, "low": 1.5, "high": 2.5}
    measured = {"hardware": {"name": "A processor", "cpu_cores": 4}, "ratios": {"over / under": spread}}
    for program in PROGRAMS:
        file = tmp_path / f"{program.__name__.rpartition('.')[2]}.json"
        file.write_text(json.dumps(measured | {"threads": 3}))
    (tmp_path / "before.json").write_text(json.dumps(measured))
    lines = readme.table(readme.read(tmp_path)).splitlines()
    for program in PROGRAMS:
        name = program.__name__.rpartition(".")[2]
        assert f"| `{name}` | over / under | 2.00 | 1.50 to 2.50 | 3 |" in lines
    assert "| `before` | over / under | 2.00 | 1.50 to 2.50 | not recorded |" in lines
    assert lines[-1] == "Measured on: A processor, 4 cores."


def test_a_ratio_that_was_not_measured_is_no_highlight():
    others = {name: content for name, content in MEASURED.items() if name != "multi_scale"}
    with pytest.raises(SegReproError, match=r"multi_scale\.json: ratios: found 0 named 'SegTTAModel / suite: six"):
        readme.highlights(others)


def test_a_text_without_a_place_for_the_numbers_is_refused_and_none_is_written(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "README.md").write_text(before := f"# Title\n{readme.BEGIN}old\n{readme.END}")
    (tmp_path / "benchmarks/README.md").write_text("# Benchmarks\n")
    with pytest.raises(SegReproError, match=r"^benchmarks/README\.md: found no place for the numbers"):
        readme.main(root=tmp_path)
    assert (tmp_path / "README.md").read_text() == before


@pytest.mark.slow
def test_gpu_session_compares_with_the_cpu_resumes_measures_and_trains(tmp_path, monkeypatch):
    checkout = Checkout(tmp_path / "segrepro")
    checkout.shrink(iterations=8)
    prepared = checkout.snakemake("data/verified/synthcity.json")
    assert prepared.returncode == 0, prepared.stdout
    monkeypatch.chdir(checkout.folder)
    monkeypatch.setenv("PYTHONPATH", str(checkout.folder))
    with pytest.raises(SegReproError, match=r"^data/verified/camvid.json: found none; .* snakemake --cores all data/v"):
        gpu_session.main(minutes=0, device="cpu")
    shutil.copy("data/verified/synthcity.json", "data/verified/camvid.json")
    monkeypatch.setattr(gpu_session, "FAMILIES", ("espnet_p2q3",))
    monkeypatch.setattr(gpu_session, "WAYS", (("fp32", "eager"), ("amp", "eager")))
    monkeypatch.setattr(gpu_session, "STEPS", 8)
    happened = []
    monkeypatch.setattr(gpu_session.measure_all, "main", lambda **given: happened.append(given["device"]))
    long = [
        [sys.executable, "-c", "print('trained', flush=True)"],
        [sys.executable, "-c", "import time; time.sleep(60)"],
    ]
    monkeypatch.setattr(gpu_session, "camvid_stages", lambda device: iter(long))
    seconds = iter([0.0, 0.0, 0.0, 3599.5])
    monkeypatch.setattr(gpu_session, "monotonic", lambda: next(seconds))
    gpu_session.main(minutes=60, device="cpu")
    found = json.loads(Path("results/benchmarks/gpu_session.json").read_text())
    assert found["logits"]["espnet_p2q3"]["fp32, eager"] < 1e-5 < found["logits"]["espnet_p2q3"]["amp, eager"] < 0.1
    assert found["differing_counts"] == 0
    assert found["resumed_training"] == {"equal": True, "largest_difference_of_losses": 0.0}
    assert happened == ["cpu"]


def test_gpu_sessions_trainings_are_those_of_the_camvid_page():
    encoder, decoder = gpu_session.camvid_stages(torch.device("cuda"))
    assert "results/camvid/espnetc_p2q8/retrained/seed0/weights.pth" in encoder
    assert decoder[-2:] == ["--load-from", "results/camvid/espnetc_p2q8/retrained/seed0/weights.pth"]
    for command in (encoder, decoder):
        options = dict(pairwise(command))
        assert Path(options["--config"]).is_file() and options["--device"] == "cuda"

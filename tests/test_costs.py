"""Charts of accuracy over cost set only what can be set side by side."""

import re
from pathlib import Path

import evidence_factory as make
import pytest

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Peaks
from data_manifests.schemas.suite import Report
from reports.judging.evidence import Evidence
from reports.pages.charts import Point, pareto_front
from reports.pages.costs import CostChart, cost_charts
from reports.pages.leaderboard import leaderboard


def run(model: str, route: str = "official") -> dict:
    return make.run(route) | {"model": model}


def evaluation(run: dict, miou: float, split: str = "val", images: int = 500) -> object:
    return make.evaluation(run, make.scores(miou)).model_copy(update={"split": split, "images": images})


def efficiency(run: dict, milliseconds: float, machine: str = "A processor", width: int = 480) -> object:
    latency = make.latency(median_ms=milliseconds, interval_ms=[milliseconds, milliseconds])
    record = make.efficiency(run, make.inference(width=width, latency=latency))
    hardware = record.provenance.hardware.model_copy(update={"name": machine})
    return record.model_copy(update={"provenance": record.provenance.model_copy(update={"hardware": hardware})})


def drawn(*records: object, caveats: tuple[tuple[str, str], ...] = ()) -> list[CostChart]:
    evidence = [Evidence(Path(f"{i}.json"), record, committed=False) for i, record in enumerate(records)]
    runs = {(record.run.model, record.run.route): record.run for record in records}
    report = Report(
        title="Streets",
        dataset="streets",
        runs=[
            {"model": model, "route": route, "caveat": make.CAVEAT if (model, route) in caveats else None}
            for model, route in runs
        ],
    )
    return cost_charts(leaderboard(report, {}, make.protocols(), {}, [], evidence))


def named(chart: CostChart) -> set[str]:
    """The networks whose points the chart has."""
    return set(re.findall(r"<title>(net_\w)", chart.svg))


SCORED = [evaluation(run(f"net_{name}"), 60.0 + i) for i, name in enumerate("abcd")]


def test_latencies_of_different_machines_and_input_sizes_are_never_in_one_chart():
    (chart,) = drawn(
        *SCORED,
        efficiency(run("net_a"), 80),
        efficiency(run("net_b"), 160),
        efficiency(run("net_c"), 40, machine="Another processor"),
        efficiency(run("net_d"), 20, width=960),
    )
    assert named(chart) == {"net_a", "net_b"}
    assert "Latency, ms (480x360 on A processor (2 cores), batch 1, fp32, eager)" in chart.caption


def test_runs_scored_on_different_splits_are_never_in_one_chart():
    scored = [*SCORED[:2], *(evaluation(run(f"net_{name}"), 70.0, "val_small", 346) for name in "cd")]
    parameters = [make.profile(run(f"net_{name}")) for name in "abcd"]
    charts = drawn(*scored, *parameters)
    assert [named(chart) for chart in charts if "Params" in chart.caption] == [{"net_a", "net_b"}, {"net_c", "net_d"}]


def test_weights_of_the_authors_and_ours_are_two_points_of_one_network():
    retrained = evaluation(run("net_a", "retrained"), 58.0)
    costs = efficiency(run("net_a"), 80), efficiency(run("net_b"), 160)
    (chart,) = drawn(*SCORED[:2], retrained, *costs)
    titles = re.findall(r"<title>(.*?)</title>", chart.svg)
    assert sorted(titles) == [
        "net_a, authors' weights, Latency, ms: 80, measured 60.0 %",
        "net_a, trained here, Latency, ms: 80, measured 58.0 %",
        "net_b, authors' weights, Latency, ms: 160, measured 61.0 %",
    ]
    assert drawn(SCORED[0], retrained, *costs) == [], "one network alone has nothing to be compared with"


def test_run_with_a_caveat_is_left_out_and_named_in_the_caption():
    costs = [efficiency(run(f"net_{name}"), 80) for name in "abc"]
    (chart,) = drawn(*SCORED[:3], *costs, caveats=(("net_b", "official"),))
    assert named(chart) == {"net_a", "net_c"}
    assert chart.caption.endswith(" Left out, because of the caveats below the table: net_b.")
    (chart,) = drawn(*SCORED[:3], *costs)
    assert "Left out" not in chart.caption
    assert drawn(*SCORED[:2], *costs, caveats=(("net_b", "official"),)) == []


def test_untrained_network_and_undefined_score_are_no_points():
    untrained = evaluation(run("net_b", "untrained"), 2.0)
    undefined = make.evaluation(run("net_c"), [score | {"value": None, "interval": None} for score in make.scores(9)])
    undefined = undefined.model_copy(update={"split": "val", "images": 500})
    costs = [efficiency(run(f"net_{name}"), 80) for name in "abc"]
    assert drawn(SCORED[0], untrained, undefined, *costs) == []


def test_only_what_is_timed_in_float32_without_compilation_is_set_beside_it():
    compiled = make.efficiency(run("net_b"), make.inference(mode="compiled"), make.inference(precision="amp"))
    assert drawn(*SCORED[:2], efficiency(run("net_a"), 80), compiled) == []


def test_front_holds_what_nothing_cheaper_beats():
    points = [Point(name, cost, None, miou, name, "#x") for name, cost, miou in
              (("a", 1, 50.0), ("b", 2, 49.0), ("c", 3, 60.0), ("d", 3, 55.0), ("e", 9, 60.0))]  # fmt: skip
    assert [point.network for point in pareto_front(points)] == ["a", "c"]


def test_share_of_the_roofline_is_in_leaderboard_and_table():
    def column(name: str, **of_line: object) -> list[float]:
        record = make.efficiency(run(f"net_{name}"), make.inference(latency=make.latency(median_ms=80.0), **of_line))
        evidence = [Evidence(Path("0.json"), record, committed=False)]
        report = Report(title="Streets", dataset="streets", runs=[{"model": f"net_{name}", "route": "official"}])
        costs = leaderboard(report, {}, make.protocols(), {}, [], evidence).costs
        return [costs.values[c.name][f"net_{name}"] for c in costs.columns if c.title == "Of the roofline, %"]

    assert column("a", floor_ms=20.0) == [25.0]
    assert column("b") == []


def test_page_says_the_share_of_the_roofline_the_peaks_and_the_layout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    timed = make.efficiency(make.run(), make.inference(mode="contiguous", floor_ms=20.0))
    peaks = Peaks(fp32_macs_per_s=1.5e11, amp_macs_per_s=6e11, bytes_per_s=2.5e10)
    path = Path("results/streets/net_small/official/seed0/efficiency.json")
    evidence_file.write(path, timed.model_copy(update={"peaks": peaks}))
    _, text = make.page("streets", [path])
    assert '25&nbsp;%<span class="sub">of 20.00 ms</span>' in text
    assert "fp32, eager, default layout, 480\N{MULTIPLICATION SIGN}360" in text
    assert "peak 150·10⁹ multiply-accumulates a second in float32, 600·10⁹ in amp, 25&nbsp;GB/s" in text


@pytest.mark.parametrize(("timings", "fold"), [(16, "<details open>"), (17, "<details>")])
def test_many_timings_are_folded(tmp_path, monkeypatch, timings, fold):
    monkeypatch.chdir(tmp_path)
    path = Path("results/streets/net_small/official/seed0/efficiency.json")
    evidence_file.write(path, make.efficiency(make.run(), *[make.inference()] * timings))
    _, text = make.page("streets", [path])
    assert f"{fold}<summary>Forward pass: {timings} timings</summary>" in text

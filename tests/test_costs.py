"""Charts of accuracy over cost set only what can be set side by side."""

import re
from pathlib import Path

import evidence_factory as make

from data_manifests.schemas.suite import Report
from reports.judging.evidence import Evidence
from reports.pages.costs import CostChart, cost_charts
from reports.pages.page import run_names


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
    return cost_charts(report, evidence, "standard", run_names(evidence))


def named(chart: CostChart) -> set[str]:
    return {name for name in ("net_a", "net_b", "net_c", "net_d") if f" {name}</text>" in chart.svg}


SCORED = [evaluation(run(f"net_{name}"), 60.0 + i) for i, name in enumerate("abcd")]


def test_latencies_of_different_machines_and_input_sizes_are_never_in_one_chart():
    charts = drawn(
        *SCORED,
        efficiency(run("net_a"), 80),
        efficiency(run("net_b"), 160),
        efficiency(run("net_c"), 40, machine="Another processor"),
        efficiency(run("net_d"), 20, width=960),
    )
    (chart,) = charts
    assert named(chart) == {"net_a", "net_b"}
    where = "latency in ms on A processor (2 cores) at 480x360, fp32, eager, batch 1"
    assert chart.caption == f"mIoU on the 500 images of the split “val” over {where}."
    assert ">latency in ms</text>" in chart.svg
    charts = drawn(
        *SCORED,
        efficiency(run("net_a"), 80),
        efficiency(run("net_b"), 160),
        efficiency(run("net_c"), 40, machine="Another processor"),
        efficiency(run("net_d"), 20, machine="Another processor"),
    )
    assert [named(chart) for chart in charts] == [{"net_a", "net_b"}, {"net_c", "net_d"}]
    assert ["Another processor" in chart.caption for chart in charts] == [False, True]


def test_runs_scored_on_different_splits_are_never_in_one_chart():
    scored = [*SCORED[:2], *(evaluation(run(f"net_{name}"), 70.0, "val_small", 346) for name in "cd")]
    parameters = [make.profile(run(f"net_{name}")) for name in "abcd"]
    charts = drawn(*scored, *parameters)
    assert [named(chart) for chart in charts] == [{"net_a", "net_b"}, {"net_c", "net_d"}]
    assert charts[0].caption == "mIoU on the 500 images of the split “val” over parameters in millions."
    assert charts[1].caption.startswith("mIoU on the 346 images of the split “val_small”")


def test_weights_of_the_authors_and_ours_are_two_points_of_one_network():
    retrained = evaluation(run("net_a", "retrained"), 58.0)
    costs = efficiency(run("net_a"), 80), efficiency(run("net_b"), 160)
    (chart,) = drawn(*SCORED[:2], retrained, *costs)
    assert named(chart) == {"net_a", "net_b"}
    signs = re.findall(r"<use [^>]*var\(--line-(\d)\)", chart.svg)
    assert sorted(signs) == ["0", "0", "0", "1", "1"], "two points and one point, and each kind once in the legend"
    assert all(f">{words}</text>" in chart.svg for words in ("the authors' weights", "trained here"))
    assert drawn(SCORED[0], retrained, *costs) == [], "one network alone has nothing to be compared with"


def test_run_with_a_caveat_is_left_out_and_named_in_the_caption():
    costs = [efficiency(run(f"net_{name}"), 80) for name in "abc"]
    (chart,) = drawn(*SCORED[:3], *costs, caveats=(("net_b", "official"),))
    assert named(chart) == {"net_a", "net_c"}
    assert chart.caption.endswith(" Left out, because of the caveats under “Measured”: net_b, the authors' weights.")
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

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import evidence_factory as make
import pytest
from markupsafe import escape
from pydantic import ValidationError

from data_manifests import evidence_file, loader
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.evidence import Run
from reports.judging.context import concerns, context_of
from reports.judging.evidence import Evidence, Measurement, collect, measurements
from reports.judging.outcome import JUDGED
from reports.judging.rows import Row, join
from reports.pages import charts
from reports.pages.data import PageData
from reports.pages.page import render
from reports.pages.samples import galleries
from segrepro.errors import SegReproError
from workflow.scripts.report import main as write_page

PROJECT = Path(__file__).resolve().parents[1]
VOID = make.label_set().void.color
HOSTILE = """<script>alert("x")</script>' onload='y' & <img src=x>"""


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    """Evidence files of both sample reports, below the current folder."""
    monkeypatch.chdir(tmp_path)
    return make.build(tmp_path)


def row_of(rows: list[Row], claim: str) -> Row:
    (row,) = [row for row in rows if row.claim == claim]
    return row


def test_claim_with_a_scoring_stands_beside_its_own_protocol_and_the_standard_one_is_kept(evidence):
    rows, page = make.page("streets", evidence["streets"])
    judged = row_of(rows, "net.miou")
    assert (judged.outcome, judged.protocol, judged.measured) == ("reproduced", "authors", 55.6377)
    assert judged.interval == pytest.approx((54.1377, 56.8877))
    assert judged.evidence == ("results/streets/net_small/official/seed0/evaluation.json",)
    (standard,) = [u for u in make.view("streets", evidence["streets"])[1].data.unjudged if u.protocol == "standard"]
    assert standard.values["miou"] == 57.9124
    assert "+2.275" in page
    assert "Void pixels are errors." in page


def test_both_enlargements_of_espnet_are_shown_though_its_claims_are_about_hidden_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [f"class_iou.{c.name.replace(' ', '_')}" for c in loader.label_set_of("cityscapes").classes]
    run = make.run(dataset="cityscapes") | {"model": "espnet_p2q8"}
    scored = [
        {"protocol": protocol, "metric": metric, "value": value, "interval": None}
        for protocol, value in (("standard", 61.5), ("espnet_cityscapes", 60.25))
        for metric in ("miou", "pixel_accuracy", "class_avg_accuracy", *names)
    ]
    record = make.evaluation(run, scored).model_copy(update={"split": "val", "images": 500})
    file, out = Path("evaluation.json"), Path("cityscapes.html")
    evidence_file.write(file, record)
    write_page(PROJECT / "config/suite.yaml", "cityscapes", out, [file], Path("committed"), Path("answers"))
    page = out.read_text()
    compared = page[page.index('id="protocols"') :]
    (row,) = re.findall(r"<tr><th scope=.row.>mIoU</th>.*?</tr>", compared.partition("</section>")[0], re.DOTALL)
    # The README's figure may be of this split.
    assert re.findall(r"[\d.]+(?= %| <span)|\+[\d.]+", row) == ["60.336", "60.25", "61.50", "+1.250"]
    assert "its map of classes is resized to the image, not its logits" in compared


def test_fraction_is_judged_and_shown_as_a_fraction(evidence):
    row = row_of(make.page("streets", evidence["streets"])[0], "net.unsplit")
    assert (row.unit, row.reported, row.measured) == ("fraction", 0.56, 0.579124)
    assert row.interval == pytest.approx((0.564124, 0.591624))


def test_every_claim_of_the_dataset_and_every_measurement_is_said_once(evidence):
    rows, view = make.view("streets", evidence["streets"])
    page = render(view)
    assert {row.claim for row in rows} == {claim.id for claim in make.claims()}
    measured = [(*row.evidence, row.protocol, row.metric) for row in rows if row.measured is not None]
    measured += [(u.evidence, u.protocol, metric) for u in view.data.unjudged for metric in u.values]
    files = collect(evidence["streets"], Path("measurements"), make.suite().reports["streets"])
    numbers = [(m.evidence.as_posix(), m.protocol, m.metric) for file in files for m in measurements(file)]
    assert set(measured) == set(numbers)
    assert len(measured) == len(numbers) + 1, "the claim that leaves its split open stands beside a number of its own"
    assert all(row.reason for row in rows)
    for row in rows:
        if row.own:
            assert escape(row.reason) in page, row.claim


def lead(page: str) -> str:
    """The first paragraph of a page, without its line ends."""
    return " ".join(page.partition('<p class="lead">')[2].partition("</p>")[0].split())


def test_lead_says_how_many_claims_are_judged(evidence):
    rows, page = make.page("streets", evidence["streets"])
    judged = {row.claim for row in rows if row.own and row.outcome in JUDGED}
    own = {row.claim for row in rows if row.own}
    assert f"{len(judged)} of {len(own)} claims are judged" in lead(page)
    assert "1 of 1 claim is judged" in lead(make.page("streets", evidence["streets"], [make.claim()])[1])
    assert "0 of 1 claim are judged" in lead(make.page("streets", [], [make.claim()])[1])


def test_lead_names_every_split_with_its_images(evidence):
    page = make.page("drawn", evidence["drawn"])[1]
    assert lead(page).endswith("This build scored 1 network on the 233 images of “test”.")
    other = Path("results/drawn/net_plain/retrained/seed3/evaluation.json")
    other.parent.mkdir(parents=True)
    run = make.run("retrained", "drawn", 3) | {"model": "net_plain"}
    record = make.evaluation(run, make.scores(40.0)).model_copy(update={"split": "val", "images": 101})
    evidence_file.write(other, record)
    page = make.page("drawn", [*evidence["drawn"], other])[1]
    said = "This build scored 1 network on the 233 images of “test” and 1 network on the 101 images of “val”."
    assert lead(page).endswith(said)


def test_lead_speaks_of_papers_only_where_they_report_something(evidence):
    nothing = "No paper makes a claim about its own model on Drawn streets."
    assert lead(make.page("drawn", evidence["drawn"])[1]).startswith(nothing)
    assert lead(make.page("drawn", [])[1]) == f"{nothing} No network was scored on Drawn streets in this build."
    quoted = [claim for claim in make.claims() if not claim.own]
    page = make.page("streets", evidence["streets"], quoted)[1]
    assert lead(page).startswith("No paper makes a claim about its own model on Streets.")
    assert "quoted 1" in page


def test_caveat_stands_wherever_the_scores_of_its_run_do(evidence):
    path = make.build_sensitivity(Path())
    rows, page = make.page("streets", [*evidence["streets"], path])
    scored = [row for row in rows if row.claim and any(file.endswith("evaluation.json") for file in row.evidence)]
    for start, end, times in (
        ('id="leaderboard"', 'id="claims-section"', 3),  # once below the table, at the number of each of its two lines
        ('id="claims-section"', 'id="protocols"', len(scored)),  # and not at the count of parameters
        ('id="protocols"', 'id="measured"', 3),
        ('id="measured"', 'id="by-class"', 1),
        ('id="by-class"', 'id="pictures"', 1),
    ):
        assert page[page.index(start) : page.index(end)].count(make.CAVEAT) == times, start
    page = make.page("drawn", evidence["drawn"])[1]
    assert 'class="caveat"' not in page and "\N{DAGGER}" not in page


def test_caveat_of_either_network_stands_beside_their_difference(evidence):
    drawn = make.suite().reports["drawn"].model_dump()
    drawn["runs"][0]["caveat"] = make.CAVEAT
    plan = make.suite(reports={"drawn": drawn})
    page = make.page("drawn", with_difference(evidence["drawn"]), [delta()], plan=plan)[1]
    assert make.CAVEAT in page[page.index('id="claims-section"') : page.index('id="measured"')]
    assert make.CAVEAT in page[page.index("Differences in mIoU, in") :].partition("</table>")[0]


def test_untrained_network_is_never_set_beside_a_claim(evidence):
    suite, dataset = make.suite(), make.dataset()
    (file,) = collect(evidence["streets"][:1], Path("measurements"), suite.reports["streets"])
    trained = measurements(file)
    untrained = [m._replace(run=m.run.model_copy(update={"route": "untrained"})) for m in trained]
    context = context_of(dataset, suite, "streets")
    assert row_of(join([make.claim()], trained, suite, context).rows, "net.miou").measured is not None
    assert row_of(join([make.claim()], untrained, suite, context).rows, "net.miou").measured is None


def test_what_an_untrained_network_costs_is_what_the_network_costs(evidence):
    suite, dataset = make.suite(), make.dataset()
    (claim,) = [claim for claim in make.claims() if claim.id == "net.params"]
    (file,) = collect(evidence["streets"][1:], Path("measurements"), suite.reports["streets"])
    untrained = [m._replace(run=m.run.model_copy(update={"route": "untrained"})) for m in measurements(file)]
    rows = join([claim], untrained, suite, context_of(dataset, suite, "streets")).rows
    assert row_of(rows, "net.params").outcome == "reproduced"


def of_the_real_suite(report: str, *found: Measurement) -> list[Row]:
    """The rows of a page of the real suite beside made-up numbers."""
    suite = loader.suite(PROJECT / "config/suite.yaml")
    context = context_of(loader.dataset(suite.reports[report].dataset), suite, report)
    return join(loader.claims(), found, suite, context).rows


def test_claim_without_a_dataset_is_on_the_page_whose_comparison_answers_it():
    suite = loader.suite(PROJECT / "config/suite.yaml")
    pages: dict[str, set[str]] = {}
    for report, page in suite.reports.items():
        context = context_of(loader.dataset(page.dataset), suite, report)
        for claim in loader.claims():
            if concerns(claim, context):
                pages.setdefault(claim.id, set()).add(report)
    for answered in ("espnet.abs.size-pspnet", "espnet.abs.speedup-pspnet", "shelf.text.speedup-pspnet"):
        assert pages[answered] == {"cityscapes"}
    assert pages["fcn2s.abs1.memory"] == {"voc2012"}
    for unanswered in ("espnet.readme.fps-vs-enet", "espnet.abs.fps-gpu"):
        assert pages[unanswered] == {"camvid", "cityscapes"}


@pytest.mark.parametrize(
    ("report", "model", "split", "protocol", "value", "claim", "verdict", "said"),
    [
        ("cityscapes", "ldn121", "val", "standard", 78.5, "ldn19.code.single-scale.miou", "reproduced",
         "the paper only implies the split: “val (implied, not stated)”"),
        ("cityscapes", "shelfnet18_lw", "test", "shelfnet18_lw", 74.8, "shelf.readme.shelfnet18-lw.miou", "reproduced",
         "the paper only implies the split: “test (per figure)”"),
        ("cityscapes", "shelfnet18_lw", "val", "shelfnet18_lw", 74.8, "shelf.readme.shelfnet18-lw.miou", "not run",
         "The labels of the split “test” are hidden"),
        ("pascal_context", "shelfnet50", "val", "shelfnet_context", 45.6, "shelf.t1.multi-path-network-res50.miou",
         "reproduced", "what the paper calls “test” is the split “val”"),
    ],
)  # fmt: skip
def test_split_that_the_paper_words_otherwise_is_the_suites(
    report, model, split, protocol, value, claim, verdict, said
):
    run = Run(model=model, dataset=report, route="official", seed=0)
    found = Measurement("miou", value, None, "percent", protocol, split, model, run, Path("evaluation.json"))
    row = row_of(of_the_real_suite(report, found), claim)
    assert row.outcome == verdict
    assert any(said in each.text for each in (*row.conditions, *row.missing))


def test_verdicts_that_rest_on_a_choice_of_ours_say_so(monkeypatch):
    monkeypatch.chdir(PROJECT)
    pages = loader.suite(PROJECT / "config/suite.yaml").reports
    rows = [
        row
        for report in ("camvid", "cityscapes", "voc2012")
        for files in [collect([], Path("reports/measurements"), pages[report])]
        for row in of_the_real_suite(report, *(number for file in files for number in measurements(file)))
    ]
    for claim, verdict, said in (
        ("espnet.abs.size-pspnet", "consistent", "on ResNet-50 and without it 128 times"),
        ("espnet.abs.speedup-pspnet", "not comparable", "standard GPU (model not stated)"),
        ("espnet.abs.speedup-pspnet", "not comparable", ", not converged"),
        ("fcn2s.abs1.memory", "not comparable", "39.5764 % less counted from tensor shapes"),
        ("fcn2s.abs1.memory", "not comparable", "34.7374 % less counted from tensor shapes"),
        ("espnet.readme.camvid.miou", "consistent", "it was inferred from the figures themselves"),
    ):
        beside = [row for row in rows if row.claim == claim]
        assert {row.outcome for row in beside} == {verdict}
        told = [text for row in beside for text in (row.reason, *(c.text for c in row.conditions))]
        assert any(said in text for text in told), said


def test_page_that_no_paper_speaks_of_shows_what_training_brings(evidence):
    rows, page = make.page("drawn", evidence["drawn"])
    assert rows == []
    assert "No paper makes a claim about its own model" in page
    assert "+39.3 points of mIoU" in page
    assert "training loss</text>" in page


def with_efficiency(evidence: list[Path], *records: object) -> list[Path]:
    """Adds records to the evidence of the page `streets`, which plans one comparison."""
    for record in records:
        folder = evidence[0].parent if record.kind == "efficiency" else Path("results/streets/comparisons")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{getattr(record, 'id', record.kind)}.json"
        evidence_file.write(path, record)
        evidence = [*evidence, path]
    return evidence


def test_speed_stands_beside_the_claim_with_both_machines(evidence):
    files = with_efficiency(evidence["streets"], make.efficiency(make.run()))
    rows, page = make.page("streets", files)
    row = row_of(rows, "net.fps")
    assert (row.outcome, row.measured, row.reported) == ("not comparable", 12.5, 112)
    assert row.interval == pytest.approx((1000 / 80.7, 1000 / 79.5))
    assert row.reason.startswith("12.5 fps on A processor at 480x360, and 112 fps reported of a graphics card")
    assert "ours: A processor (2 cores) at 480x360, batch 1, fp32, eager" in row.conditions[0].text
    assert escape(row.reason) in page


def test_speed_at_the_claimed_size_stands_beside_the_claim_and_all_are_on_the_page(evidence):
    lines = (
        make.inference(), make.inference(width=1536, height=768, latency=make.latency(median_ms=400.0)),
        make.inference(width=1536, height=768, precision="amp", latency=make.latency(median_ms=200.0)),
    )  # fmt: skip
    claimed = {
        "high resolution": 12.5,
        "not stated": 12.5,
        "768x1536 per a figure": 2.5,
        "480x360": 12.5,
        "1920x1280": 12.5,
    }
    claims = [
        make.claim(id=f"fps.{i}", metric="fps", unit="fps", value=60, as_printed="60", protocol={"image_size": size})
        for i, size in enumerate(claimed)
    ]
    rows, view = make.view("streets", with_efficiency(evidence["streets"], make.efficiency(make.run(), *lines)), claims)
    assert [row_of(rows, f"fps.{i}").measured for i in range(len(claimed))] == list(claimed.values())
    bare = {numbers.measured_on: numbers.values["fps"] for numbers in view.data.unjudged if "fps" in numbers.values}
    page = render(view)
    assert [(value, re.search(r" at (\d+x\d+), ", measured_on)[1]) for measured_on, value in bare.items()] == [
        (12.5, "480x360"), (2.5, "1536x768"),
    ]  # fmt: skip
    assert [page.count(f"fp32, eager, {size}<") for size in (f"480{TIMES}360", f"1536{TIMES}768")] == [1, 1]


def test_throughput_says_how_sure_it_is_and_why_its_search_ended(evidence):
    sure = {"batch": 4, "images_per_s": 15.5, "interval": [15.25, 15.75], "converged": True}
    unsure = sure | {"batch": 8, "converged": False, "ended_by": "out of memory at batch 16"}
    lines = make.inference(throughput=sure), make.inference(mode="compiled", throughput=unsure)
    page = make.page("streets", with_efficiency(evidence["streets"], make.efficiency(make.run(), *lines)))[1]
    assert "15.25 to 15.75" in page
    assert '<span class="sub">batch 4</span>' in page
    assert '<span class="sub">batch 8, not converged; ended by out of memory at batch 16</span>' in page


def on_gpu(record: object, **changes: object) -> object:
    told = make.conditions(tf32=False, cudnn_benchmark=True, clock_mhz=[1980, 1755], temperature_c=[40, 61])
    software = {"CUDA": "13.0", "cuDNN": "91300", "driver": "580.65"}
    provenance = make.provenance(hardware=make.GPU, gpu_software=software)
    return type(record).model_validate(record.model_dump() | {"conditions": told, "provenance": provenance} | changes)


def test_conditions_of_a_gpu_are_on_the_page_for_what_was_timed_alone_and_side_by_side(evidence):
    alone = make.efficiency(make.run())
    training = alone.training.model_dump()
    full = on_gpu(alone, training=training | {"cudnn_benchmark": False, "failure": "out of memory"})
    page = make.page("streets", with_efficiency(evidence["streets"], full, on_gpu(make.comparison())))[1]
    clock, temperature = "clock 1980 MHz at the start, 1755 MHz at the end", "40 °C at the start, 61 °C at the end"
    told = f"2 threads; {clock}; {temperature}; cuDNN benchmark on"
    assert f"efficiency on A graphics card: {told}, off for the training step; fp32 without TensorFloat-32." in page
    assert f"comparison on A graphics card: {told}; fp32 without TensorFloat-32." in page
    assert '<td class="num">out of memory</td></tr>' in page
    assert page.count("CUDA 13.0, cuDNN 91300, driver 580.65") == 2
    rounded = on_gpu(make.comparison(), conditions=make.conditions(tf32=True))
    page = make.page("streets", with_efficiency(evidence["streets"], rounded))[1]
    assert "fp32 with TensorFloat-32." in page


def test_interval_of_a_ratio_is_said_to_be_of_one_run(evidence):
    page = make.page("streets", with_efficiency(evidence["streets"], make.comparison()))[1]
    assert "the ratio of another run on the same machine may lie outside" in page
    assert "covers the true median slightly less often than 95" in page
    assert "<td>40 pairs on A processor" in page
    page = make.page("streets", with_efficiency(evidence["streets"], make.comparison(block=6)))[1]
    assert "<td>40 pairs, resampled in blocks of 6, on A processor" in page


def test_judged_claims_come_before_those_that_nothing_compares_with(evidence):
    fps = make.claim(id="p.fps", metric="fps", unit="fps", value=9.0, as_printed="9", hardware="TX2", split="n/a")
    timed = with_efficiency(evidence["streets"], make.efficiency(make.run(), make.inference()))
    page = make.page("streets", timed, [fps, make.claim()])[1]
    table = page[page.index('id="claims"') : page.index('id="measured"')]
    verdicts = re.findall(r'class="chip ([a-z-]+)"', table)
    assert verdicts[:2] == ["reproduced", "not-comparable"]


def test_what_was_not_measured_is_empty_and_never_zero(evidence):
    lines = make.inference(), make.inference(
        mode="compiled", latency=None, throughput=None, failure="torch.compile failed: InvalidCxxCompiler"
    )  # fmt: skip
    page = make.page("streets", with_efficiency(evidence["streets"], make.efficiency(make.run(), *lines)))[1]
    section = page[page.index('id="cost"') : page.index('id="pictures"')]
    empty = re.findall(r'<td class="num"></td>', section)
    assert len(empty) == 4, "two peaks of the forward pass and its roofline, one of a training step"
    assert "torch.compile failed: InvalidCxxCompiler" in section
    cells = re.findall(r'<td class="num">([^<]*)<', section)
    assert {"80.00", "93.75", "12.50", "15.50", "1,024.0"} <= set(cells)
    assert [cell for cell in cells if re.fullmatch(r"[0.]+", cell)] == ["0.0"], "plain SGD has no state"
    peak = make.page(
        "streets",
        with_efficiency(evidence["streets"], make.efficiency(make.run(), make.inference(peak_bytes=3 * 2**29))),
    )[1]
    assert '<td class="num">1,536.0</td>' in peak


def test_comparison_is_judged_by_its_ratio_and_shown_without_a_claim_too(evidence):
    files = with_efficiency(evidence["streets"], make.comparison(provenance=make.provenance(hardware=make.GPU)))
    named = {"hardware": "1x A graphics card", "protocol": {"image_size": "512x256"}}
    claims = [
        make.claim(id="net.speedup", metric="speedup_vs:Other", baseline="other_net", value=22, as_printed="22",
                   unit="times", dataset="not stated", split="n/a", scoring=None, **named),
        make.claim(id="open.speedup", variant=None, metric="speedup_vs:Other", baseline="other_net", value=22,
                   as_printed="22", unit="times", dataset="elsewhere", split="n/a", scoring=None, **named),
        make.claim(id="unrelated", metric="speedup_vs:Third", baseline="third_net", value=2, as_printed="2",
                   unit="times", dataset="not stated", split="n/a", scoring=None),
    ]  # fmt: skip
    rows, page = make.page("streets", files, claims)
    # Which network the second means the paper does not say, so it cannot be said to be reproduced by this one.
    for claim, outcome in (("net.speedup", "reproduced"), ("open.speedup", "consistent")):
        row = row_of(rows, claim)
        assert (row.outcome, row.measured, row.interval) == (outcome, 23, (22.8, 23.1))
        assert row.route is None
        told = "net_small against other_net, A graphics card, in turns in one run, fp32, eager at 512x256"
        assert any(told in c.text for c in row.conditions)
    assert row_of(rows, "unrelated").measured is None
    assert "22.80 to 23.10" in page
    _, view = make.view("streets", files, [])
    (numbers,) = [each for each in view.data.unjudged if "speedup_vs:other_net" in each.values]
    assert (numbers.values, numbers.network) == ({"speedup_vs:other_net": 23}, "net_small")
    assert "1840.000 ms" in render(view)


def test_ratio_that_did_not_converge_says_so(evidence):
    claims = [make.claim(id="open.speedup", metric="speedup_vs:Other", baseline="other_net", unit="times")]
    for record in (make.comparison(), make.comparison(converged=False)):
        row = row_of(make.page("streets", with_efficiency(evidence["streets"], record), claims)[0], "open.speedup")
        assert row.outcome == "not comparable", "a processor's"
        assert any("not converged" in c.text for c in row.conditions) == (not record.converged)
    slow = make.inference()
    slow["latency"] = slow["latency"] | {"converged": False}
    row = row_of(
        make.page("streets", with_efficiency(evidence["streets"], make.efficiency(make.run(), slow)))[0], "net.fps"
    )
    assert any("eager, not converged" in c.text for c in row.conditions)


def test_difference_of_the_page_is_the_reasons(evidence):
    files = [*evidence["streets"], *with_efficiency(evidence["streets"], make.efficiency(make.run()))[-1:]]
    claims = [
        make.claim(id="a", bound="range", value=10, value_max=20, as_printed=("10", "20")),
        make.claim(id="b", bound="at_most", value=60, as_printed="60"),
        make.claim(id="c", value=55.7, as_printed="55.7"),
        make.claim(id="d", split="not stated", scoring=None),
        make.claim(id="e", metric="fps", unit="fps", value=112, as_printed="112"),
    ]
    rows, page = make.page("streets", files, claims)
    shown = re.findall(r'<svg class="offset"[^>]*aria-label="([^ "]*)', page)
    assert sorted(shown) == sorted(text for text in ["+34.638", "+0.000", f"{MINUS}0.012", "", ""] if text)
    assert [row_of(rows, claim).difference for claim in "abcde"] == [34.6377, 0, -0.0123, None, None]
    assert ": 34.6377 points from what prints as the claim" in row_of(rows, "a").reason


def points() -> list[charts.Point]:
    return [
        charts.Point("net_a", 10.0, 61.0, 61.5, "net_a, 10 ms", "#claim-a"),
        charts.Point("<net_b>", 120.0, 70.25, None, "<net_b>, 120 ms", '#claim-"b"'),
    ]


def test_accuracy_over_cost_names_its_points_links_them_and_wears_the_colors_of_the_page():
    svg = charts.accuracy_over_cost(points(), "latency in ms", "cost-1")
    assert svg.startswith("<svg")
    assert all(text in svg for text in ("&lt;net_b&gt;", "latency in ms", "var(--ink)", "var(--line-0)"))
    assert all(svg.count(f">{text}</text>") == 1 for text in ("1 net_a", "2 &lt;net_b&gt;", "reported", "measured"))
    # Where something was measured the link is there, else at what is reported, which is drawn first.
    assert re.findall(r'<a href="([^"]*)"', svg) == ["#claim-&quot;b&quot;", "#claim-a"]
    assert re.findall(r"<title>(.*?)</title>", svg) == ["&lt;net_b&gt;, 120 ms", "net_a, 10 ms"]
    assert " style=" not in svg, "the page's policy would not let it apply"


def test_a_point_that_is_alone_has_its_link_too():
    measured = charts.Point("net_c", 30.0, None, 50.0, "net_c, 30 ms", "#c")
    for at, expected in ((0, ["#claim-a", "#c"]), (1, ["#claim-&quot;b&quot;", "#c"])):
        svg = charts.accuracy_over_cost([points()[at], measured], "latency in ms", "cost-1")
        assert sorted(re.findall(r'<a href="([^"]*)"', svg)) == sorted(expected)
        assert svg.count("</title>") == 2


def test_drawings_of_one_page_share_no_id_and_refer_to_their_own():
    drawn = {name: charts.accuracy_over_cost(points(), "latency in ms", name) for name in ("cost-1", "cost-2")}
    drawn["loss"] = charts.loss_curves([make.training(make.run("retrained"))])
    ids = [name for svg in drawn.values() for name in re.findall(r' id="([^"]*)"', svg)]
    assert len(set(ids)) == len(ids)
    for name, svg in drawn.items():
        referred = re.findall(r'(?:xlink:href="|url\()#([^")]+)', svg)
        assert referred
        assert set(referred) <= {found for found in ids if found.startswith(f"{name}-")}


def test_seeds_of_a_network_share_its_color():
    svg = charts.loss_curves([make.training(make.run("retrained", seed=seed)) for seed in range(7)])
    thick = re.findall(r'<path [^>]*stroke-width="1.8"[^>]*>', svg)
    looks = [re.sub(r' (?:d|clip-path|id)="[^"]*"', "", path) for path in thick]
    assert len(set(looks)) == 3, "a network has one color, and its seeds three styles"


def test_memory_ratio_becomes_a_saving_in_percent():
    saving = make.comparison(
        quantity="training_memory", values=[85.0, 100.0], ratio=100 / 85, interval=None, pairs=None, converged=None,
        conditions=None,
    )  # fmt: skip
    (number,) = measurements(Evidence(Path("c.json"), saving, committed=False))
    assert (number.counted, number.device) == (True, None)
    assert "optimiser's state and saved activations at 512x256, batch 1" in number.conditions
    assert (number.metric, number.unit) == ("train_memory_reduction_vs:other_net", "percent less")
    assert number.value == pytest.approx(15)


MEMORY = {
    "quantity": "training_memory", "values": [60 * 2**20, 100 * 2**20], "ratio": 100 / 60, "interval": None,
    "pairs": None, "converged": None,
}  # fmt: skip


def test_peaks_of_a_training_are_compared_where_a_gpu_measured_them(evidence):
    saving = on_gpu(make.comparison(**MEMORY, peaks=[170 * 2**20, 200 * 2**20]))
    (number,) = measurements(Evidence(Path("c.json"), saving, committed=False))
    assert (number.counted, number.device, number.value) == (False, "cuda", pytest.approx(15))
    assert "A graphics card, peak memory of a training step, fp32 at 512x256, batch 1" in number.conditions
    plan = make.suite()
    (planned,) = plan.reports["streets"].comparisons
    planned = planned.model_copy(update={"quantity": "training_memory"})
    report = plan.reports["streets"].model_copy(update={"comparisons": (planned,)})
    plan = plan.model_copy(update={"reports": plan.reports | {"streets": report}})
    for record, how in (
        (saving, "counted; the peak on A graphics card"),
        (on_gpu(make.comparison(**MEMORY, conditions=None), conditions=None, failure="out of memory"),
         "counted; no peak on A graphics card: out of memory"),
    ):  # fmt: skip
        page = make.page("streets", with_efficiency(evidence["streets"], record), plan=plan)[1]
        assert f"<td>{how}<span" in page
        assert ("peak 1.176" in page and "peak 200.0 MiB" in page) == (record is saving)


@pytest.mark.parametrize(
    "changes",
    [
        {"peaks": [1, 2]},
        MEMORY | {"peaks": [1, 2], "conditions": None},
        MEMORY | {"peaks": None},
        MEMORY | {"quantity": "saved_activations", "peaks": [1, 2]},
    ],
    ids=["of a latency", "without conditions", "conditions of a count", "of other memory"],
)
def test_peaks_are_of_a_training_and_have_conditions(changes):
    with pytest.raises(ValidationError, match=r"peaks|conditions"):
        make.comparison(**changes)


def test_numbers_know_whose_weights_they_are_of():
    numbers = [
        measurements(Evidence(Path("e.json"), record, committed=False))[0]
        for record in (
            make.evaluation(make.run("official"), make.scores(50.0)),
            make.evaluation(make.run("retrained"), make.scores(50.0)),
            make.difference(),
            make.difference(runs=[make.run("official"), make.run("retrained")]),
            make.difference(runs=[make.run("official"), make.run("official")]),
            make.profile(make.run("retrained")),
        )
    ]
    small, both = ("streets/net_small",), ("drawn/net_plain", "drawn/net_small")
    assert [m.trained for m in numbers] == [(), small, both, small, (), ()]
    assert [m.counted for m in numbers] == [False] * 5 + [True]


MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"


def with_difference(evidence: list[Path], **changes: object) -> list[Path]:
    """Adds a difference to the evidence of the page `drawn`, which plans it."""
    path = Path("results/drawn/comparisons/plain-against-small.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    evidence_file.write(path, make.difference(**changes))
    return [*evidence, path]


def delta(**changes: object) -> Claim:
    stated = {"id": "net.delta", "metric": "miou_delta_vs:Net (deep)", "baseline": "net_small", "variant": "net_plain"}
    return make.claim(**stated | {"value": 10.5, "as_printed": "10.5", "unit": "pp lower", "scoring": None} | changes)


def test_difference_is_judged_in_the_direction_that_the_claim_gives_it(evidence):
    rows, _ = make.page("drawn", with_difference(evidence["drawn"]), [delta()])
    row = row_of(rows, "net.delta")
    assert (row.outcome, row.measured, row.interval) == ("reproduced", 10.45, (9.5, 11.25))
    assert "The sign is the claimed one (interval 9.5 to 11.25), the size within the margin of 5.25." in row.reason
    assert ("departure", "seeds") in {(c.kind, c.about) for c in row.conditions}
    rows, _ = make.page("drawn", with_difference(evidence["drawn"]), [delta(unit="pp")])
    row = row_of(rows, "net.delta")
    assert (row.outcome, row.measured, row.interval) == ("undecided", -10.45, (-11.25, -9.5))


def test_difference_is_not_compared_with_a_claim_under_another_protocol_or_of_another_split(evidence):
    files = with_difference(evidence["drawn"])
    for claim, said in (
        (delta(scoring="authors"), "under the protocol “standard”; the paper's is “authors”"),
        (delta(split="val"), "on the split “test”; the paper gives the split as “val”"),
    ):
        row = row_of(make.page("drawn", files, [claim])[0], "net.delta")
        assert row.outcome == "not comparable"
        assert said in row.reason


@pytest.mark.parametrize(
    ("value", "interval", "said"),
    [
        (-10.45, (-11.25, -9.5), [f"{MINUS}10.45", f"{MINUS}11.25 to {MINUS}9.50", "does not contain 0"]),
        (0.5, (-0.25, 1.0), ["+0.50", f"{MINUS}0.25 to +1.00", ">contains 0"]),
        (0.5, (0.0, 1.0), [">contains 0"]),
        (0.5, None, ["+0.50", "no interval"]),
        (None, None, ["undefined", "no interval"]),
    ],
)
def test_page_says_whether_a_difference_may_be_none(evidence, value, interval, said):
    page = make.page("drawn", with_difference(evidence["drawn"], value=value, interval=interval))[1]
    table = page[page.index("Differences in mIoU, in") :].partition("</table>")[0]
    assert "both networks are scored on the same resampled images" in table
    assert all(text in table for text in said), table
    assert "net_plain against net_small: difference" in page


def test_several_seeds_of_a_run_are_summed_up_and_one_is_not(evidence):
    assert "Over seeds" not in make.page("drawn", evidence["drawn"])[1]
    for seed, miou in ((3, 40.0), (4, 43.0)):
        folder = Path(f"results/drawn/net_plain/retrained/seed{seed}")
        folder.mkdir(parents=True)
        run = make.run("retrained", "drawn", seed) | {"model": "net_plain"}
        evidence_file.write(folder / "evaluation.json", make.evaluation(run, make.scores(miou)))
        evidence["drawn"].append(folder / "evaluation.json")
    page = make.page("drawn", evidence["drawn"])[1]
    table = page[page.index("Over seeds") :].partition("</table>")[0]
    assert "41.50 ± 2.12" in table and "3, 4" in table
    assert "net_small" not in table


def test_comparison_that_no_report_plans_is_refused(evidence):
    files = with_efficiency(evidence["streets"], make.comparison(id="another"))
    with pytest.raises(SegReproError, match=r"found comparison another; expected .*; comparison net-latency"):
        collect(files, Path("measurements"), make.suite().reports["streets"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"models": ["net_small", "net_plain"]}, r"models: found \('net_small', 'net_plain'\); expected .*'other_net'"),
        ({"size": [480, 360]}, r"size: found \(480, 360\); expected \(512, 256\), as config/reports plans"),
        ({"batch": 4}, "batch: found 4; expected 1"),
        ({"quantity": "parameters", "interval": None, "pairs": None, "converged": None, "conditions": None},
         "quantity: found parameters; expected latency"),
    ],
)  # fmt: skip
def test_comparison_of_another_plan_is_refused_here_and_left_out_where_it_is_committed(evidence, changes, said):
    report = make.suite().reports["streets"]
    (path,) = with_efficiency([], make.comparison(**changes))
    with pytest.raises(
        SegReproError, match=rf"comparisons/net-latency\.json: {said}.* Delete the file and measure again"
    ):
        collect([path], Path("measurements"), report)
    committed = Path("measurements/big_card/streets/comparisons/net-latency.json")
    committed.parent.mkdir(parents=True)
    committed.write_bytes(path.read_bytes())
    assert collect([], Path("measurements"), report) == []
    evidence_file.write(committed, make.comparison())
    assert [file.path for file in collect([], Path("measurements"), report)] == [committed]


def test_difference_of_two_other_networks_is_refused(evidence):
    swapped = [make.run("retrained", "drawn"), make.run("retrained", "drawn", 3) | {"model": "net_plain"}]
    with pytest.raises(
        SegReproError, match=r"models: found \('net_small', 'net_plain'\); expected \('net_plain', 'net_s"
    ):
        collect(with_difference([], runs=swapped), Path("measurements"), make.suite().reports["drawn"])


def test_hostile_text_in_facts_and_evidence_stays_text(evidence):
    claims = [
        make.claim(model=HOSTILE, ambiguity=HOSTILE, hardware=HOSTILE, protocol={"note": HOSTILE}),
        make.claim(id=HOSTILE, variant=None, own=False, role="comparison", citation=HOSTILE, model=HOSTILE),
    ]
    path = evidence["streets"][0]
    record = json.loads(path.read_text())
    record["provenance"]["hardware"]["name"] = HOSTILE
    record["provenance"]["packages"] = {HOSTILE: HOSTILE}
    record["samples"][0]["name"] = HOSTILE
    make.write_content(path, record)
    _, page = make.page("streets", evidence["streets"], claims)
    assert "alert(" in page
    written = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    for raw in ("<script", "<img src=x", "' onload"):
        assert raw not in written


def test_same_input_gives_the_same_page(evidence):
    assert make.page("drawn", evidence["drawn"]) == make.page("drawn", evidence["drawn"])


def test_page_without_evidence_says_what_is_missing(evidence):
    rows, page = make.page("streets", [])
    assert {row.outcome for row in rows} == {"not run", None}
    assert "No network was scored on Streets in this build" in page


def test_page_without_scores_still_shows_what_the_network_costs(evidence):
    rows, page = make.page("streets", [path for path in evidence["streets"] if path.name == "profile.json"])
    assert row_of(rows, "net.params").outcome == "reproduced"
    assert row_of(rows, "net.miou").outcome == "not run"
    assert "354,517" in page
    assert "bootstrap interval over images" not in page


def test_evidence_of_another_run_is_refused_with_the_runs_that_are_expected(evidence):
    with pytest.raises(
        SegReproError, match=r"found net_small on drawn, retrained, seed 0; expected .* on streets, official"
    ):
        collect(evidence["drawn"], Path("measurements"), make.suite().reports["streets"])


def test_evidence_with_an_absolute_path_is_refused(evidence, tmp_path):
    with pytest.raises(SegReproError, match="relative to the repository"):
        collect([tmp_path / evidence["streets"][0]], Path("measurements"), make.suite().reports["streets"])


def test_broken_evidence_is_named(evidence):
    make.write_content(evidence["streets"][0], {"kind": "evaluation", "run": {}})
    with pytest.raises(SegReproError, match=r"evaluation\.json.*\n.*run\.model"):
        collect(evidence["streets"], Path("measurements"), make.suite().reports["streets"])


def test_committed_evidence_fills_in_for_what_was_not_measured_here(evidence):
    report = make.suite().reports["streets"]
    for path in evidence["streets"]:
        committed = Path("measurements/big_card", *path.parts[1:])
        committed.parent.mkdir(parents=True, exist_ok=True)
        committed.write_bytes(path.read_bytes())
    (local,) = [path for path in evidence["streets"] if path.name == "profile.json"]
    used = collect([local], Path("measurements"), report)
    assert [(file.record.kind, file.committed) for file in used] == [("evaluation", True), ("profile", False)]
    assert galleries(used, VOID) == []
    page = make.page("streets", [local])[1]
    assert "measured elsewhere" in page
    assert collect([], Path("measurements"), make.suite().reports["drawn"]) == []


def test_each_network_shows_its_own_pictures_with_ranks(evidence):
    evaluations = [path for path in evidence["drawn"] if path.stem == "evaluation"]
    used = collect(evaluations, Path("measurements"), make.suite().reports["drawn"])
    (gallery,) = galleries(used, VOID)  # what an untrained network predicts is noise
    assert (gallery.run.route, gallery.split, gallery.images) == ("retrained", "test", 233)
    assert [(s.name, s.rank, s.iou) for s in gallery.shown] == [("a_0001", "best", 61.5), ("a_0002", "worst", 12.25)]
    _, page = make.page("drawn", evaluations)
    assert "<strong>Worst</strong>: IoU 12.2 %</p>" in page
    assert "233 images of “test”" in page


def test_older_evidence_shows_its_pictures_without_a_rank(evidence):
    (evaluation,) = [path for path in evidence["streets"] if path.stem == "evaluation"]
    record = json.loads(evaluation.read_text())
    for sample in record["samples"]:
        del sample["rank"], sample["iou"]
    make.write_content(evaluation, record)
    assert "<strong>Image</strong></p>" in make.page("streets", [evaluation])[1]


def test_tables_of_many_runs_are_bounded_and_say_so(evidence, monkeypatch):
    monkeypatch.setattr("reports.pages.page.MOST_LINES", 1)
    page = make.page("drawn", evidence["drawn"])[1]
    for said in ("The first 1 of 2 runs;", "The first 1 of 2 networks that are counted;"):
        assert said in page
    assert page.count('<tr><th scope="row">net_<wbr>small</th><td class="num">354,517') == 1


def test_what_is_missing_for_many_claims_is_said_once(monkeypatch):
    hidden = [make.claim(id=f"c{i}", variant=None) for i in range(3)]
    page = make.page("streets", [], hidden)[1]
    many = make.view("streets", [], hidden)[1].claims.obstacles
    assert many
    for text, anchor in many.items():
        assert page.count(str(escape(text))) == 1
        assert page.count(f'href="#{anchor}"') == 3
    assert make.view("streets", [], hidden[:2])[1].claims.obstacles == {}


def test_missing_picture_is_named(evidence):
    evidence["streets"][0].with_name("samples").joinpath("a_0002_truth.png").unlink()
    with pytest.raises(SegReproError, match=r"a_0002_truth\.png: no such file"):
        make.page("streets", evidence["streets"])


def test_programs_write_page_rows_and_index_without_the_deep_learning_stack(tmp_path):
    check = (
        "import runpy, sys; script = sys.argv[1]; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(script, run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'mmseg', 'mmengine', 'mmcv', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    for arguments in (["report.py", "--report", "camvid", "--out", "camvid.html"], ["index.py", "--out", "index.html"]):
        done = subprocess.run(
            [sys.executable, "-c", check, PROJECT / "workflow/scripts" / arguments[0], *arguments[1:],
             "--suite", PROJECT / "config/suite.yaml"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    table = PageData.model_validate_json((tmp_path / "camvid.json").read_text())
    page = (tmp_path / "camvid.html").read_text()
    for rule in ("within 0.02 points on the paper", "and 0.1 on another", "at most 1.5 points", "within 8%"):
        assert rule in page
    assert {row.outcome for row in table.rows} == {"not run", None}
    assert 'href="camvid.html"' in (tmp_path / "index.html").read_text()
    named = {f"{paper}.{kind}" for paper in loader.papers() for kind in ("html", "json", "svg")}
    others = {"index.html", "index.json", "feed.xml", "metafile.yml", "model-index.yml", "camvid.html", "camvid.json"}
    assert {path.name for path in tmp_path.iterdir()} == named | others


def test_rows_of_a_left_out_stage_say_so(tmp_path):
    done = subprocess.run(
        [sys.executable, PROJECT / "workflow/scripts/report.py", "--suite", PROJECT / "config/suite.yaml",
         "--report", "camvid", "--stages", "structure", "--out", "camvid.html"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "camvid.json").read_text())["rows"]
    assert any("built without the stage “accuracy”" in m["text"] for row in rows for m in row["missing"])


def test_claims_of_a_training_at_the_papers_scale_say_how_to_get_it(tmp_path):
    def build(stages: str) -> tuple[set[str], str]:
        done = subprocess.run(
            [sys.executable, PROJECT / "workflow/scripts/report.py", "--suite", PROJECT / "config/suite.yaml",
             "--report", "cityscapes", "--stages", stages, "--out", "cityscapes.html"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rows = json.loads((tmp_path / "cityscapes.json").read_text())["rows"]
        of_model = [row for row in rows if (row["variant"], row["metric"]) == ("ladder_densenet121_2017", "miou")]
        assert {row["outcome"] for row in of_model} == {"not run"}
        return {" ".join(m["text"] for m in row["missing"]) for row in of_model}, (
            tmp_path / "cityscapes.html"
        ).read_text()

    with_training = "With full training of the networks by the recipes of their papers"
    command = "snakemake --cores 2 reports/cityscapes.html --config stages=%s</code>"
    (reason,), page = build("structure,accuracy")
    assert "“training”" in reason and "--config stages=structure,accuracy,training" in reason
    assert escape(reason.rpartition(". ")[2]) in page and with_training in page
    assert command % "structure,accuracy" in page and command % "structure,accuracy,training" in page
    (reason,), page = build("structure")
    assert "--config stages=structure,accuracy,training" in reason
    assert command % "structure,accuracy,training" in page and command % "structure,efficiency" in page
    (reason,), page = build("")
    assert "--config stages=accuracy,training" in reason
    assert "no stage is complete in it" in page and "<code>snakemake --cores 2</code>" in page
    assert "<code>snakemake --cores 2 reports/cityscapes.html</code>" in page and "stages=</code>" not in page
    (reason,), page = build("structure,accuracy,training")
    assert "need a login" in reason
    assert with_training not in page and command % "structure,accuracy,training" in page


def test_unknown_report_and_stage_are_refused_in_one_line(tmp_path):
    for arguments, said in ((["--report", "moon"], "no 'moon'"), (["--report", "camvid", "--stages", "x"], "'x'")):
        done = subprocess.run(
            [sys.executable, PROJECT / "workflow/scripts/report.py", "--suite", PROJECT / "config/suite.yaml",
             *arguments, "--out", "page.html"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert said in done.stderr


def test_comparison_that_names_no_claim_of_any_paper_is_refused(tmp_path):
    report = (PROJECT / "config/reports/cityscapes.yaml").read_text()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/cityscapes.yaml").write_text(report.replace("shelf.text.speedup-encnet", "shelf.text.speed"))
    shutil.copy(PROJECT / "config/suite.yaml", tmp_path)
    done = subprocess.run(
        [sys.executable, PROJECT / "workflow/scripts/report.py", "--suite", "suite.yaml", "--report", "cityscapes",
         "--out", "page.html"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "comparisons[shelfnet50-latency-encnet].claims: found 'shelf.text.speed'" in done.stderr
    assert not (tmp_path / "page.html").exists()

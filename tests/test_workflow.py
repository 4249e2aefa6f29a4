"""The workflow as its users meet it: the real Snakemake in a copy of the project."""

import json
import re
import time

import pytest
import yaml

from data_manifests.errors import SegReproError
from tests.checkout import Checkout
from workflow import cuda

ALL_STAGES = ("--config", "stages=structure,accuracy,training")
OFFICIAL_AT_SCALE = {"model": "espnet_p2q8", "route": "official", "paper_scale": True}


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "segrepro")


def test_default_profile_loads_by_itself_and_the_demo_plan_holds_together(checkout):
    done = checkout.snakemake("--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/default" in done.stdout
    for rule in ("prepare", "verify", "train", "initialise", "predict", "score", "compare_accuracy", "profile", "page"):
        assert f"\n{rule} " in done.stdout, done.stdout


def test_slurm_profile_parses_and_plans(checkout):
    done = checkout.snakemake("--workflow-profile", "slurm", "--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/slurm" in done.stdout
    assert "gpu=1" in done.stdout


def test_training_at_the_papers_scale_is_planned_only_when_asked_for_and_asks_for_a_gpu(checkout):
    without = checkout.snakemake("--dry-run", "reports/camvid.html")
    assert without.returncode == 0, without.stdout
    assert "\nrule train:" not in without.stdout
    planned = checkout.snakemake("--dry-run", "reports/camvid.html", *ALL_STAGES)
    assert planned.returncode == 0, planned.stdout
    stages = re.findall(r"\nrule train:.*?resources: ([^\n]*)", planned.stdout, re.DOTALL)
    assert ["gpu=1" in resources for resources in stages] == [True, True]
    small = checkout.snakemake("--dry-run", "reports/synthcity.html", *ALL_STAGES)
    trainings = re.findall(r"\nrule train:.*?resources: ([^\n]*)", small.stdout, re.DOTALL)
    assert trainings and all("gpu=0" in resources for resources in trainings)


def test_missing_gpu_is_said_before_any_job(checkout):
    done = checkout.snakemake("reports/camvid.html", *ALL_STAGES, CUDA_VISIBLE_DEVICES="")
    assert done.returncode != 0
    assert "reports/camvid.html: the stage `training` asks for these trainings" in done.stdout
    assert "\n      results/camvid/espnet_p2q8/retrained/seed0\n" in done.stdout
    assert "--config stages=structure,accuracy\n" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists() and not (checkout.folder / "data").exists()


def test_times_are_measured_only_when_asked_for(checkout):
    plan = checkout.snakemake("--dry-run", "reports/cityscapes.html", "--config", "stages=structure")
    assert plan.returncode == 0, plan.stdout
    compared = re.findall(r"comparison=([a-z0-9-]+)", plan.stdout)
    assert "\nrule efficiency:" not in plan.stdout
    assert "espnet-size-pspnet" in compared and not [name for name in compared if "latency" in name]
    plan = checkout.snakemake("--dry-run", "reports/cityscapes.html", "--config", "stages=efficiency")
    assert plan.returncode == 0, plan.stdout
    compared = re.findall(r"comparison=([a-z0-9-]+)", plan.stdout)
    assert "\nrule efficiency:" in plan.stdout
    assert "espnet-latency-pspnet" in compared and "espnet-size-pspnet" not in compared


@pytest.mark.parametrize(("status", "devices"), [(0, 2), (0, 0), (100, 1)])
def test_gpus_are_those_that_the_driver_offers(monkeypatch, status, devices):
    class Driver:
        def __init__(self, name):
            assert name == "libcuda.so.1"

        def cuInit(self, flags):  # noqa: N802
            return status

        def cuDeviceGetCount(self, count):  # noqa: N802
            count._obj.value = devices
            return 0

    monkeypatch.setattr(cuda.ctypes, "CDLL", Driver)
    usable = devices if status == 0 else 0
    assert cuda.cuda_devices() == usable
    cuda.require_cuda("page.html", [])
    if usable:
        cuda.require_cuda("page.html", ["results/run"])
    else:
        with pytest.raises(SegReproError, match=r"page\.html.*\n  results/run\n"):
            cuda.require_cuda("page.html", ["results/run"])


def test_what_a_network_costs_is_counted_once(checkout):
    done = checkout.snakemake("--dry-run", "reports/cityscapes.html", "--config", "stages=structure")
    assert done.returncode == 0, done.stdout
    profiled = re.findall(r"\n    output: results/cityscapes/(\w+)/\w+/seed0/profile.json", done.stdout)
    runs = yaml.safe_load((checkout.folder / "config/reports/cityscapes.yaml").read_text())["runs"]
    assert sorted(profiled) == sorted({run["model"] for run in runs})


def test_dataset_behind_a_login_is_said_within_ten_seconds_and_before_any_job(checkout):
    start = time.monotonic()
    done = checkout.snakemake("reports/cityscapes.html")
    assert time.monotonic() - start < 10
    assert done.returncode != 0
    assert "data/downloads/cityscapes/leftImg8bit_trainvaltest.zip" in done.stdout
    assert "https://www.cityscapes-dataset.com" in done.stdout
    assert "CITYSCAPES_USERNAME" in done.stdout
    assert "--config stages=structure" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists()


@pytest.mark.slow
def test_page_without_data_is_built_from_the_stages_that_need_none(checkout):
    official = [{"model": "espnet_p2q8", "route": "official"}]
    checkout.edit("config/reports/cityscapes.yaml", runs=official, comparisons=[])
    done = checkout.snakemake("reports/cityscapes.html", "--config", "stages=structure")
    assert done.returncode == 0, done.stdout
    rows = json.loads((checkout.folder / "reports/cityscapes.json").read_text())["rows"]
    assert {r["verdict"] for r in rows if r["claim"] == "espnet.readme.cs-test.miou"} == {"not run"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stages": ["accuracy", "speeed"]},
         ["stages", "found 'speeed'", "'structure', 'accuracy', 'efficiency' or 'training'"]),
        ({"stages": ["structure", "training"]},
         ["stages: found ['structure', 'training']", "expected: accuracy beside training"]),
        ({"reports": {"camvid": {"title": "t", "dataset": "camvid", "runs": []}}},
         ["reports: found camvid", "config/reports/<report>.yaml"]),
        ({"reportz": {}}, ["reportz", "did you mean `reports`?"]),
        ({"tolerances": {"miou": {"reproduced": -1, "close": 1}}}, ["tolerances.miou.reproduced", "-1"]),
    ],
)  # fmt: skip
def test_bad_suite_file_is_refused_before_the_first_job(checkout, change, said):
    checkout.edit("config/suite.yaml", **change)
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode != 0
    for text in ["config/suite.yaml", *said]:
        assert text in done.stdout
    assert "Traceback (most recent" not in done.stdout


def test_bad_report_is_refused_before_the_first_job(checkout):
    checkout.edit("config/reports/camvid.yaml", runs=[OFFICIAL_AT_SCALE])
    done = checkout.snakemake("reports/camvid.html")
    assert done.returncode != 0
    for text in ["config/reports/camvid.yaml", "runs[0]", "expected: the route retrained where paper_scale is true"]:
        assert text in done.stdout
    assert "Traceback (most recent" not in done.stdout


def test_unknown_report_and_model_without_weights_are_named(checkout):
    done = checkout.snakemake("reports/citiscapes.html")
    assert done.returncode != 0
    assert "no report 'citiscapes'; it has: camvid, cityscapes, nyu_depth_v2, pascal_context, synthcity" in done.stdout
    done = checkout.snakemake("results/camvid/espnet_p2q3/official/seed0/weights.pth")
    assert done.returncode != 0
    assert "no published weights of espnet_p2q3 for camvid" in done.stdout


@pytest.mark.slow
def test_small_synthcity_page_from_nothing_and_then_nothing_to_do(checkout):
    checkout.shrink(iterations=6)
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "it/s" in done.stdout or "s/it" in done.stdout, "no progress bar"
    rows = json.loads((checkout.folder / "reports/synthcity.json").read_text())["rows"]
    measured = {(r["route"], r["metric"]) for r in rows if r["measured"] is not None}
    assert {("retrained", "miou"), ("untrained", "miou")} <= measured
    assert (checkout.folder / "reports/index.html").is_file()
    again = checkout.snakemake("reports/synthcity.html")
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout
    with (checkout.folder / "data_manifests/label_sets/cityscapes.yaml").open("a") as label_set:
        label_set.write("# A comment.\n")
    checkout.edit("data_manifests/datasets/synthcity.yaml", description="Said otherwise.")
    plan = checkout.snakemake("--dry-run", "results/synthcity/espnet_tiny/retrained/seed0/training.json")
    assert "Nothing to be done" in plan.stdout, plan.stdout


@pytest.mark.slow
def test_camvid_page_reproduces_the_published_numbers(checkout, mirror):
    done = checkout.snakemake("reports/camvid.html", SEGREPRO_MIRROR=str(mirror))
    assert done.returncode == 0, done.stdout
    rows = json.loads((checkout.folder / "reports/camvid.json").read_text())["rows"]
    judged = {
        r["metric"]: r
        for r in rows
        if r["claim"] in ("espnet.readme.camvid.miou", "espnet.readme.camvid.class-avg")
        and r["protocol"] == "espnet_authors"
    }
    assert judged["miou"]["verdict"] == "reproduced"
    assert judged["miou"]["measured"] == pytest.approx(55.64, abs=0.02)
    assert judged["class_avg_accuracy"]["verdict"] == "reproduced"
    assert judged["class_avg_accuracy"]["measured"] == pytest.approx(68.30, abs=0.02)

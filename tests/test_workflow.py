"""The workflow as its users meet it: the real Snakemake in a copy of the project."""

import json
import time

import pytest

from tests.checkout import Checkout


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "segrepro")


def test_default_profile_loads_by_itself_and_the_demo_plan_holds_together(checkout):
    done = checkout.snakemake("--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/default" in done.stdout
    for rule in ("prepare", "verify", "train", "initialise", "predict", "score", "profile", "page"):
        assert f"\n{rule} " in done.stdout, done.stdout


def test_slurm_profile_parses_and_plans(checkout):
    done = checkout.snakemake("--workflow-profile", "slurm", "--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/slurm" in done.stdout
    assert "gpu=1" in done.stdout


def test_dataset_behind_a_login_is_said_within_ten_seconds_and_before_any_job(checkout):
    start = time.monotonic()
    done = checkout.snakemake("reports/cityscapes.html")
    assert time.monotonic() - start < 10
    assert done.returncode != 0
    assert "data/downloads/cityscapes/leftImg8bit_trainvaltest.zip" in done.stdout
    assert "https://www.cityscapes-dataset.com" in done.stdout
    assert "--config stages=structure" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists()


@pytest.mark.slow
def test_page_without_data_is_built_from_the_stages_that_need_none(checkout):
    done = checkout.snakemake("reports/cityscapes.html", "--config", "stages=structure")
    assert done.returncode == 0, done.stdout
    rows = json.loads((checkout.folder / "reports/cityscapes.json").read_text())["rows"]
    assert {r["verdict"] for r in rows if r["claim"] == "espnet.readme.cs-test.miou"} == {"not run"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stages": ["accuracy", "speeed"]}, ["stages", "found 'speeed'", "'structure' or 'accuracy'"]),
        ({"reportz": {}}, ["reportz", "did you mean `reports`?"]),
        ({"tolerances": {"miou": {"reproduced": -1, "close": 1}}}, ["tolerances.miou.reproduced", "-1"]),
    ],
)
def test_bad_suite_file_is_refused_before_the_first_job(checkout, change, said):
    checkout.edit("config/suite.yaml", **change)
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode != 0
    for text in ["config/suite.yaml", *said]:
        assert text in done.stdout
    assert "Traceback (most recent" not in done.stdout


def test_unknown_report_and_model_without_weights_are_named(checkout):
    done = checkout.snakemake("reports/citiscapes.html")
    assert done.returncode != 0
    assert "no report 'citiscapes'; it has: camvid, cityscapes, synthcity" in done.stdout
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

"""The Slurm profile, as it is, on a real Slurm of one node: a page built by its jobs equals one that is built here."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.checkout import CORES, Checkout

pytestmark = pytest.mark.slow

FETCHED = b"weights"
RUN = "results/synthcity/espnet_tiny/retrained/seed0"
STAND_IN = """\
import sys
from pathlib import Path
Path(sys.argv[sys.argv.index("--out") + 1]).write_text("{}")
"""


def small_page(folder):
    checkout = Checkout(folder)
    checkout.shrink(iterations=6)
    checkout.edit("config/reports/synthcity.yaml", runs=[{"model": "espnet_tiny", "route": "retrained"}])
    return checkout


def scores(checkout):
    evaluation = json.loads((checkout.folder / RUN / "evaluation.json").read_text())
    return json.loads((checkout.folder / RUN / "training.json").read_text())["weights_sha256"], evaluation["scores"]


def test_page_is_built_by_jobs_of_slurm_with_what_the_profile_asks_for(slurm, ask_often, tmp_path):
    checkout = small_page(tmp_path / "segrepro")
    # To be timed takes longer than to be asked for.
    (checkout.folder / "workflow/scripts/measure_efficiency.py").write_text(STAND_IN)
    timed = f"{RUN}/efficiency.json"
    # A mirror and a manifest of one small file.
    (tmp_path / "mirror/espnet").mkdir(parents=True)
    (tmp_path / "mirror/espnet/small.pth").write_bytes(FETCHED)
    small = {"file": "small.pth", "urls": ["https://example.org/small.pth"], "bytes": len(FETCHED)}
    small |= {"sha256": hashlib.sha256(FETCHED).hexdigest(), "model": "espnet_tiny", "dataset": "synthcity"}
    checkout.edit("data_manifests/checkpoints/espnet.yaml", files=[small | {"trained_on": "nothing"}])

    done = checkout.snakemake(
        "--workflow-profile", "slurm", "reports/synthcity.html", timed, "weights/espnet/small.pth",
        timeout=400, SEGREPRO_MIRROR=str(tmp_path / "mirror"), **slurm.environment,
        PYTHONPATH=f"{checkout.folder}:{ask_often}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    numbers = json.loads((checkout.folder / "reports/synthcity.json").read_text())["unjudged"]
    assert [entry for entry in numbers if entry["route"] == "retrained" and "miou" in entry["values"]]
    assert (checkout.folder / "reports/synthcity.html").is_file()

    jobs = slurm.jobs()
    run = "wildcards_synthcity_espnet_tiny"
    trained, drawn = jobs[f"rule_train_{run}_0"], jobs["rule_prepare_wildcards_synthcity"]
    predicted, alone = jobs[f"rule_predict_{run}_retrained_0"], jobs[f"rule_efficiency_{run}_retrained_0"]
    assert len(jobs) == 5 and len({job["JobName"] for job in jobs.values()}) == 1
    assert {job["JobState"] for job in jobs.values()} == {"COMPLETED"}
    assert [job["CPUs/Task"] for job in (trained, predicted, alone)] == [CORES, CORES, CORES]  # Of --cores.
    assert (trained["MinMemoryNode"], trained["TimeLimit"]) == ("32000M", "1-00:00:00")
    assert (drawn["MinMemoryNode"], drawn["TimeLimit"]) == ("16000M", "08:00:00")
    assert predicted["TresPerJob"] == alone["TresPerJob"] == "gres:gpu:1" and "TresPerJob" not in trained
    assert alone["OverSubscribe"] == "NO" and trained["OverSubscribe"] == "OK"
    assert all(Path(job["StdOut"]).is_relative_to(checkout.folder / "logs/slurm") for job in jobs.values())
    assert "1 of 1 steps (100%) done" in Path(trained["StdOut"]).read_text()
    # Where Snakemake itself runs: not by a job.
    for rule in ("fetch_checkpoint", "page", "profile", "score"):
        assert f"\nlocalrule {rule}:" in done.stdout
    assert (checkout.folder / "weights/espnet/small.pth").read_bytes() == FETCHED
    # What each job took, wherever it ran.
    listed = [line.split("\t")[:3] for line in (checkout.folder / "results/summary.tsv").read_text().splitlines()[1:]]
    assert ["train", "synthcity espnet_tiny 0", "1"] in listed and [
        "score",
        "synthcity espnet_tiny retrained 0",
        "1",
    ] in listed

    here = small_page(tmp_path / "here")
    local = here.snakemake(f"{RUN}/evaluation.json")
    assert local.returncode == 0, local.stdout
    assert scores(checkout) == scores(here)


def test_partitions_and_accounts_are_filled_in_at_the_top_of_the_profile(tmp_path):
    checkout = small_page(tmp_path / "segrepro")
    profile = checkout.folder / "workflow/profiles/slurm/config.yaml"
    filled = profile.read_text()
    for name in ("cpu_partition", "cpu_account", "gpu_partition", "gpu_account"):
        assert f'{name}: ""' in filled
        filled = filled.replace(f'{name}: ""', f"{name}: the-{name}")
    profile.write_text(filled)
    done = checkout.snakemake("--workflow-profile", "slurm", "--dry-run", f"{RUN}/evaluation.json")
    assert done.returncode == 0, done.stdout
    asked = {
        block.partition(":")[0]: [word.strip(",") for word in block.split() if word.startswith("slurm_")]
        for block in done.stdout.split("\nrule ")[1:]
    }
    assert asked["prepare"] == asked["verify"] == ["slurm_partition=the-cpu_partition", "slurm_account=the-cpu_account"]
    assert asked["train"] == asked["predict"] == ["slurm_partition=the-gpu_partition", "slurm_account=the-gpu_account"]

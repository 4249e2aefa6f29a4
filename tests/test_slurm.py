"""The Slurm profile, as it is, on a real Slurm of one node."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.checkout import CORES, Checkout

pytestmark = pytest.mark.slow

NODE = {"SLURM_CPUS": "4", "SLURM_MEM_MB": "64000", "SLURM_GPUS": "1"}
"""What the node says it has, as much as the profile asks for. The GPU is a name only: networks run on the CPU."""

FETCHED = b"weights"
STAND_IN = """\
import sys
from pathlib import Path
Path(sys.argv[sys.argv.index("--out") + 1]).write_text("{}")
"""


@pytest.fixture(scope="module")
def slurm(slurm_programs):
    """The environment that finds the Slurm's programs first; they are wrappers that know its configuration."""
    with tempfile.TemporaryDirectory(prefix="slurm-", dir="/tmp") as cluster:  # Its sockets need a short path.
        start = [slurm_programs / "start-slurm", cluster]
        started = subprocess.run(start, env=os.environ | NODE, capture_output=True, text=True, timeout=300)
        if started.returncode in (3, 4):
            pytest.skip(f"start-slurm: {started.stderr.strip()}")
        try:
            assert started.returncode == 0, started.stderr
            yield {"PATH": f"{cluster}/bin:{os.environ['PATH']}"}
        finally:
            subprocess.run([slurm_programs / "stop-slurm", cluster], check=True, timeout=120)


def jobs_of(slurm):
    """What Slurm says of every job, by the comment that names the rule and its wildcards."""
    listed = subprocess.run(
        ["scontrol", "--oneliner", "show", "job"],
        env=os.environ | slurm, check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    fields = (dict(word.partition("=")[::2] for word in line.split() if "=" in word) for line in listed.splitlines())
    return {job["Comment"]: job for job in fields}


def test_page_is_built_by_jobs_of_slurm_with_what_the_profile_asks_for(slurm, slurm_programs, tmp_path):
    checkout = Checkout(tmp_path / "segrepro")
    checkout.shrink(iterations=6)
    checkout.edit("config/reports/synthcity.yaml", runs=[{"model": "espnet_tiny", "route": "retrained"}])
    # To be timed takes longer than to be asked for.
    (checkout.folder / "workflow/scripts/measure_efficiency.py").write_text(STAND_IN)
    timed = "results/synthcity/espnet_tiny/retrained/seed0/efficiency.json"
    # A mirror and a manifest of one small file.
    (tmp_path / "mirror/espnet").mkdir(parents=True)
    (tmp_path / "mirror/espnet/small.pth").write_bytes(FETCHED)
    small = {"file": "small.pth", "urls": ["https://example.org/small.pth"], "bytes": len(FETCHED)}
    small |= {"sha256": hashlib.sha256(FETCHED).hexdigest(), "model": "espnet_tiny", "dataset": "synthcity"}
    checkout.edit("data_manifests/checkpoints/espnet.yaml", files=[small | {"trained_on": "nothing"}])

    # The profile's polling suits jobs of hours; here it would take most of the time.
    path = {"PYTHONPATH": f"{checkout.folder}:{slurm_programs / 'fastpoll'}"}
    done = checkout.snakemake(
        "--workflow-profile", "slurm", "reports/synthcity.html", timed, "weights/espnet/small.pth",
        timeout=400, SEGREPRO_MIRROR=str(tmp_path / "mirror"), **slurm, **path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    rows = json.loads((checkout.folder / "reports/synthcity.json").read_text())["rows"]
    assert [r for r in rows if (r["route"], r["metric"]) == ("retrained", "miou") and r["measured"] is not None]
    assert (checkout.folder / "reports/synthcity.html").is_file()

    jobs = jobs_of(slurm)
    run = "wildcards_synthcity_espnet_tiny"
    trained, drawn = jobs[f"rule_train_{run}_0"], jobs["rule_prepare_wildcards_synthcity"]
    predicted, alone = jobs[f"rule_predict_{run}_retrained_0"], jobs[f"rule_efficiency_{run}_retrained_0"]
    assert len(jobs) == 7 and all(job["JobName"].startswith("segrepro_") for job in jobs.values())
    assert {job["JobState"] for job in jobs.values()} == {"COMPLETED"}
    assert [job["CPUs/Task"] for job in (trained, predicted, alone)] == [CORES, CORES, CORES]  # Of --cores.
    assert (trained["MinMemoryNode"], trained["TimeLimit"]) == ("32000M", "2-00:00:00")
    assert (drawn["MinMemoryNode"], drawn["TimeLimit"]) == ("16000M", "08:00:00")
    assert predicted["TresPerJob"] == alone["TresPerJob"] == "gres:gpu:1" and "TresPerJob" not in trained
    assert alone["OverSubscribe"] == "NO" and trained["OverSubscribe"] == "OK"
    assert all(Path(job["StdOut"]).is_relative_to(checkout.folder / "logs/slurm") for job in jobs.values())
    assert "1 of 1 steps (100%) done" in Path(trained["StdOut"]).read_text()
    # Where Snakemake itself runs: not by a job.
    assert "\nlocalrule fetch_checkpoint:" in done.stdout and "\nlocalrule page:" in done.stdout
    assert (checkout.folder / "weights/espnet/small.pth").read_bytes() == FETCHED

"""Profiles for schedulers other than Slurm: each is planned, and one that hands scripts to a command runs two jobs."""

import json
import re

import pytest
import yaml

from tests.checkout import PROJECT, Checkout
from tests.outside_folder import outside_folder

pytestmark = pytest.mark.slow

PROFILES = sorted(path.parent.name for path in (PROJECT / "workflow/profiles").glob("*/config.yaml"))
ON_A_GPU = ("train", "predict", "submission", "sensitivity", "efficiency", "compare_latency")

# Takes the place of a scheduler: notes how it was asked, and runs the script at once.
QSUB = """\
#!/bin/sh
echo "$@" >> {asked}
for script; do :; done
sh "$script" > {folder}/job.$$ 2>&1 &
echo "$$.stand-in"
"""


@pytest.fixture
def schedulers():
    """Folder of the packages that these profiles need, which lies beside the environment."""
    return outside_folder("SEGREPRO_SCHEDULERS", "executors for other schedulers (tests/schedulers.lock)")


@pytest.fixture
def checkout(tmp_path):
    checkout = Checkout(tmp_path / "segrepro")
    checkout.shrink(iterations=6)
    return checkout


@pytest.mark.parametrize(
    ("profile", "memory", "accelerator"),
    [
        ("cluster-generic", "mem_mb=16000", "gpu=1"),
        ("htcondor", "htcondor_request_mem_mb=16000", "request_gpus=1"),
        ("kubernetes", "mem_mb=16000", "gpu=1"),
        ("lsf", "mem_mb=16000", "lsf_extra=-gpu num=1"),
        ("sge", "mem_mb=16000", "sge_resources=gpu=1"),
    ],
)
def test_profile_is_planned_and_asks_in_the_words_of_its_scheduler(checkout, schedulers, profile, memory, accelerator):
    config = checkout.folder / f"workflow/profiles/{profile}/config.yaml"
    # Where the volume is mounted, on Kubernetes.
    config.write_text(config.read_text().replace("checkout: /shared/segrepro", f"checkout: {checkout.folder}"))
    done = checkout.snakemake(
        "--workflow-profile", profile, "--dry-run", "reports/synthcity.html",
        PYTHONPATH=f"{checkout.folder}:{schedulers}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"profiles/{profile}" in done.stdout
    planned = dict(re.findall(r"\nrule (\w+):(?:\n    .*)*?\n    resources: (.*)", done.stdout))
    assert {"prepare", "verify", "train", "predict", "page"} <= planned.keys()
    asked = planned["predict"].split(", ")
    assert memory in asked and accelerator in asked and "attempt=1" in asked, asked
    assert accelerator not in planned["prepare"].split(", ")


def test_every_profile_for_a_cluster_names_every_rule_that_runs_a_network():
    for profile in PROFILES:
        if profile != "default":
            content = yaml.safe_load((PROJECT / f"workflow/profiles/{profile}/config.yaml").read_text())
            # Trainings ask by themselves where the scheduler's plug-in reads `gpu`.
            needed = set(ON_A_GPU) - ({"train"} if "gpu: 1" in str(content).replace("'", "") else set())
            assert needed <= content["set-resources"].keys(), profile


def test_two_jobs_go_through_a_command_that_takes_a_script(checkout, schedulers, tmp_path):
    (tmp_path / "bin").mkdir()
    qsub, asked = tmp_path / "bin/qsub", tmp_path / "asked"
    qsub.write_text(QSUB.format(asked=asked, folder=tmp_path))
    qsub.chmod(0o755)
    environment = checkout.environment()
    done = checkout.snakemake(
        "--workflow-profile", "cluster-generic", "--seconds-between-status-checks", "1", "--latency-wait", "10",
        "data/verified/synthcity.json",
        PYTHONPATH=f"{checkout.folder}:{schedulers}", PATH=f"{tmp_path}/bin:{environment['PATH']}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert json.loads((checkout.folder / "data/verified/synthcity.json").read_text())
    drawn, checked = asked.read_text().splitlines()
    assert "-l select=1:ncpus=" in drawn and ":mem=16000mb:ngpus=0" in drawn and "-l walltime=480:00" in drawn
    assert ":mem=4000mb:ngpus=0" in checked and "-l walltime=240:00" in checked
    listed = (checkout.folder / "results/summary.tsv").read_text().splitlines()[1:]
    assert sorted(line.split("\t")[0] for line in listed) == ["prepare", "verify"]


def test_the_table_of_the_docs_names_every_profile_and_claims_one_as_exercised():
    table = (PROJECT / "docs/clusters.md").read_text().partition("| scheduler |")[2].partition("\n\n")[0]
    rows = [row.split(" | ") for row in table.splitlines()[2:]]
    assert sorted(row[1].strip("`") for row in rows) == sorted(set(PROFILES) - {"default"})
    assert [row[1] for row in rows if "end to end" in row[3]] == ["`slurm`"]

"""The workflow as its users meet it: the real Snakemake in a copy of the project."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from data_manifests import evidence_file
from tests.checkout import BIN, OFFLINE, PROJECT, Checkout
from tests.evidence_factory import difference, evaluation, run, write_content
from workflow.scoring import scoring_sha256

pytestmark = pytest.mark.slow

ALL_STAGES = ("--config", "stages=structure,accuracy,training")
LOGIN = {"CITYSCAPES_USERNAME": "name", "CITYSCAPES_PASSWORD": "password"}
OFFICIAL_AT_SCALE = {"model": "espnet_p2q8", "route": "official", "paper_scale": True}


# Takes the place of a program whose work does not matter: writes which of its kind have begun and not ended at its end.
# Of two that ran at once, the first to end so names the other.
STAND_IN = """\
import json, sys, time
from pathlib import Path
out, running = sys.argv[sys.argv.index("--out") + 1], Path("running")
running.mkdir(exist_ok=True)
own = running / out.replace("/", "|")
own.touch()
time.sleep(0.5)
Path(out).write_text(json.dumps([other.name.replace("|", "/") for other in running.iterdir() if other != own]))
own.unlink()
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "segrepro")


TOLERANCES = yaml.safe_load((PROJECT / "config/suite.yaml").read_text(encoding="utf-8"))["tolerances"]


def without_committed_counts(checkout):
    """Takes away the counts that others committed, so that the networks must be counted here."""
    for file in (checkout.folder / "reports/measurements").rglob("profile.json"):
        file.unlink()


@pytest.fixture(scope="module")
def structure(tmp_path_factory):
    """The plan of the stage that needs no data, for the page with the most networks; nobody counted them before."""
    untouched = Checkout(tmp_path_factory.mktemp("untouched") / "segrepro")
    without_committed_counts(untouched)
    plan = untouched.snakemake("--dry-run", "reports/cityscapes.html", "--config", "stages=structure")
    assert plan.returncode == 0, plan.stdout
    return plan.stdout


def test_default_profile_loads_by_itself_and_the_demo_plan_holds_together(checkout):
    without_committed_counts(checkout)
    done = checkout.snakemake("--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/default" in done.stdout
    assert "Warning" not in done.stdout
    for rule in ("prepare", "verify", "train", "initialise", "predict", "score", "compare_accuracy", "profile", "page"):
        assert f"\n{rule} " in done.stdout, done.stdout


def test_told_nothing_it_builds_every_page_from_what_is_at_hand_without_a_network(checkout, tmp_path):
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline/sitecustomize.py").write_text(OFFLINE.format(log=str(tmp_path / "connections")))
    offline = {"PYTHONPATH": f"{tmp_path / 'offline'}:{checkout.folder}"}
    done = checkout.snakemake(**offline)
    assert done.returncode == 0, done.stdout
    assert "All pages, from the evidence at hand" in done.stdout
    assert set(re.findall(r"\n(?:local)?rule (\w+):", done.stdout)) == {"page", "index", "all"}
    assert not (tmp_path / "connections").exists()
    assert not [name for name in ("data", "results", "weights") if (checkout.folder / name).exists()]
    planned = {file.stem for file in (checkout.folder / "config/reports").glob("*.yaml")}
    papers = {file.stem for file in (checkout.folder / "data_manifests/papers").glob("*.yaml")}
    assert {page.stem for page in (checkout.folder / "reports").glob("*.html")} == planned | papers | {"index"}
    index = (checkout.folder / "reports/index.html").read_text()
    assert all(f'<a href="{name}.html">' in index for name in planned | papers)
    rows = {name: json.loads((checkout.folder / f"reports/{name}.json").read_text())["rows"] for name in planned}
    # What is committed is on the page, and only what is missing is said to be.
    assert {r["outcome"] for r in rows["camvid"] if r["claim"] == "espnet.readme.camvid.miou"} == {"consistent"}
    assert not [r for r in rows["camvid"] if "stage “" in r["reason"]]
    assert any(
        "built without the stage “accuracy”" in each["text"] for r in rows["cityscapes"] for each in r["missing"]
    )
    page = (checkout.folder / "reports/synthcity.html").read_text()
    assert "<code>snakemake --cores 2 reports/synthcity.html --config stages=structure,efficiency</code>" in page
    again = checkout.snakemake(**offline)
    assert again.returncode == 0 and "Nothing to be done" in again.stdout
    assert "All pages, from the evidence at hand" in again.stdout
    alone = checkout.snakemake("--dry-run", "reports/synthcity.html")
    assert "\nrule train:" in alone.stdout and "All pages" not in alone.stdout


def test_told_nothing_it_takes_in_a_finished_result_as_it_is(checkout):
    for report in (checkout.folder / "config/reports").glob("*.yaml"):
        if report.stem != "camvid":
            report.unlink()
    assert checkout.snakemake().returncode == 0
    measured = checkout.folder / "results/camvid/espnet_p2q8/official/seed0/profile.json"
    measured.parent.mkdir(parents=True)
    committed = "reports/measurements/amd-epyc-2-cores/camvid/espnet_p2q8/official/seed0/profile.json"
    shutil.copy(checkout.folder / committed, measured)
    os.utime(measured)
    # It may be older than what it was made from, and its weights may be gone: nothing is made again.
    done = checkout.snakemake()
    assert done.returncode == 0, done.stdout
    assert set(re.findall(r"\n(?:local)?rule (\w+):", done.stdout)) == {"page", "index", "all"}
    numbers = json.loads((checkout.folder / "reports/camvid.json").read_text())["unjudged"]
    found = {entry["evidence"] for entry in numbers if "params_m" in entry["values"]}
    own = "results/camvid/espnet_p2q8/official/seed0/profile.json"
    assert own in found and committed not in found
    os.utime(checkout.folder / "mmseg_plugins/configs/camvid/espnet_p2q8.py")
    assert "Nothing to be done" in checkout.snakemake().stdout
    config = checkout.folder / "mmseg_plugins/configs/camvid/espnet_p2q8.py"
    config.write_text(config.read_text() + "\nlog_level = 'ERROR'\n")
    alone = checkout.snakemake("--dry-run", "reports/camvid.html", "--config", "stages=structure")
    assert "\nrule profile:" in alone.stdout


def test_told_stages_alone_it_builds_every_page_by_them(checkout):
    counted = checkout.snakemake("--dry-run", "--config", "stages=structure").stdout
    assert "\nrule page:" in counted and "\nrule profile:" not in counted, "what is committed and holds is used"
    without_committed_counts(checkout)
    plan = checkout.snakemake("--dry-run", "--config", "stages=structure")
    assert plan.returncode == 0, plan.stdout
    assert "All pages" not in plan.stdout
    planned = {file.stem for file in (checkout.folder / "config/reports").glob("*.yaml")}
    assert set(re.findall(r"\n    output: reports/(\w+)\.html", plan.stdout)) == planned | {"index"}
    assert "\nrule profile:" in plan.stdout and "\nrule prepare:" not in plan.stdout


def test_slurm_profile_parses_and_plans(checkout):
    done = checkout.snakemake("--workflow-profile", "slurm", "--dry-run", "reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "profiles/slurm" in done.stdout
    assert "gpu=1" in done.stdout
    assert "Warning" not in done.stdout


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


@pytest.mark.parametrize(
    "target",
    ["reports/camvid.html", "results/camvid/espnet_p2q8/retrained/seed0/weights.pth",
     "results/camvid/espnet_p2q8/retrained/seed0/prediction.json"],
)  # fmt: skip
def test_missing_gpu_is_said_before_any_job(checkout, target):
    done = checkout.snakemake(target, *ALL_STAGES, CUDA_VISIBLE_DEVICES="")
    assert done.returncode != 0
    assert "these trainings by the papers' recipes at full size are planned:\n" in done.stdout
    assert "\n  results/camvid/espnet_p2q8/retrained/seed0\n" in done.stdout
    assert "\nerror: --device: found cuda, but no GPU that PyTorch " in done.stdout
    assert "--set-resources train:gpu=0\n" in done.stdout and "--config stages=structure,accuracy\n" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists() and not (checkout.folder / "data").exists()


def test_a_drawing_of_a_plan_needs_no_gpu(checkout):
    drawn = checkout.snakemake("reports/camvid.html", "--dag", "dot", *ALL_STAGES, CUDA_VISIBLE_DEVICES="")
    assert drawn.returncode == 0, drawn.stdout


def test_only_trainings_at_the_papers_scale_insist_on_a_gpu(checkout):
    runs = ("results/camvid/espnet_p2q8/retrained/seed0", "results/synthcity/espnet_p2q3/retrained/seed0")
    targets = [f"{run}/weights.pth" for run in runs]
    plan = checkout.snakemake("--dry-run", "--printshellcmds", *targets)
    commands = re.findall(r"workflow/scripts/train\.py .*", plan.stdout)
    insisting = {f"results/camvid/{model}/retrained/seed0" for model in ("espnetc_p2q8", "espnet_p2q8")}
    assert insisting == {
        "results/{}/{}/retrained/seed0".format(*re.search(r"--dataset (\S+) .*--model (\S+)", command).groups())
        for command in commands
        if "$(test 1 -eq 0 || echo --device cuda)" in command
    }, plan.stdout
    assert len(commands) == 3
    deliberate = checkout.snakemake("--dry-run", "--printshellcmds", *targets, "--set-resources", "train:gpu=0")
    assert deliberate.stdout.count("$(test 0 -eq 0 || echo --device cuda)") == 3


def test_whether_trainings_are_compiled_is_said_for_one_command(checkout):
    target = "results/synthcity/espnet_p2q3/retrained/seed0/weights.pth"
    for options, said in (([], 0), (["--set-resources", "train:compile=1"], 1)):
        plan = checkout.snakemake("--dry-run", "--printshellcmds", target, *options)
        assert f"$(test {said} -eq 0 || echo --compile)" in plan.stdout


def test_a_full_disk_is_said_before_any_job_and_refuses_no_plan(checkout):
    manifest = yaml.safe_load((checkout.folder / "data_manifests/datasets/camvid.yaml").read_text(encoding="utf-8"))
    petabyte = [{**source, "bytes": 2**50} for source in manifest["sources"]]
    checkout.edit("data_manifests/datasets/camvid.yaml", sources=petabyte)
    for plan in (["--dry-run"], ["--dag", "dot"]):
        planned = checkout.snakemake("reports/camvid.html", *plan)
        assert planned.returncode == 0, planned.stdout
        assert "CamVid: 1 archive to bring in, 1.00PB" in planned.stdout
    done = checkout.snakemake("reports/camvid.html")
    assert done.returncode != 0
    assert "not enough room on the disk: 2.00PB (2251799813685248 bytes) needed" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists() and not (checkout.folder / "data").exists()


def test_a_link_to_nothing_is_named_before_any_job(checkout):
    (checkout.folder / "results").symlink_to(checkout.folder / "not-mounted")
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode != 0
    assert f"results: found a link to {checkout.folder}/not-mounted, where nothing is" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (checkout.folder / "data").exists()


def test_times_are_measured_only_when_asked_for(checkout, structure):
    compared = re.findall(r"comparison=([a-z0-9-]+)", structure)
    assert "\nrule efficiency:" not in structure
    assert "espnet-size-pspnet" in compared and not [name for name in compared if "latency" in name]
    plan = checkout.snakemake("--dry-run", "reports/cityscapes.html", "--config", "stages=efficiency")
    assert plan.returncode == 0, plan.stdout
    compared = re.findall(r"comparison=([a-z0-9-]+)", plan.stdout)
    assert "\nrule efficiency:" in plan.stdout
    assert "espnet-latency-pspnet" in compared and "espnet-size-pspnet" not in compared


def test_what_is_timed_runs_alone(checkout):
    for program in ("profile_model", "measure_efficiency", "compare"):
        (checkout.folder / f"workflow/scripts/{program}.py").write_text(STAND_IN)
    runs = [f"results/cityscapes/{model}/untrained/seed0" for model in ("espnet_p2q3", "espnet_p2q5", "espnet_p2q8")]
    compared = "results/cityscapes/comparisons"
    timed = [f"{runs[0]}/efficiency.json", f"{runs[1]}/efficiency.json", f"{compared}/espnet-latency-pspnet.json"]
    others = [*(f"{run}/profile.json" for run in runs), f"{compared}/espnet-size-pspnet.json"]
    done = checkout.snakemake("--cores", "32", *timed, *others)
    assert done.returncode == 0, done.stdout
    at_once = [
        {file, other} for file in (*timed, *others) for other in json.loads((checkout.folder / file).read_text())
    ]
    assert at_once and not [pair for pair in at_once if pair & set(timed)]
    assert "tmpdir=" in done.stdout


def test_a_limit_that_the_command_names_leaves_the_others_as_they_are(checkout):
    for program in ("profile_model", "measure_efficiency"):
        (checkout.folder / f"workflow/scripts/{program}.py").write_text(STAND_IN)
    runs = [f"results/cityscapes/{model}/untrained/seed0" for model in ("espnet_p2q3", "espnet_p2q5")]
    files = [f"{runs[0]}/efficiency.json", *(f"{run}/profile.json" for run in runs)]
    done = checkout.snakemake("--cores", "32", "--resources", "torch=2", "--", *files)
    assert done.returncode == 0, done.stdout
    assert json.loads((checkout.folder / files[0]).read_text()) == []


@pytest.mark.parametrize(("cores", "threads"), [("4", "4"), ("32", "8")])
def test_jobs_that_run_a_network_take_the_cores_that_there_are_up_to_eight(checkout, cores, threads):
    there = ("--cores", cores, "--max-threads", cores, "--dry-run")
    synthcity = checkout.snakemake(*there, "reports/synthcity.html")
    stages = "stages=structure,efficiency"
    cityscapes = checkout.snakemake(*there, "reports/cityscapes.html", "--config", stages)
    planned = re.findall(r"\nrule (\w+):((?:\n    .*)*)", synthcity.stdout + cityscapes.stdout)
    found = {rule: re.search(r"threads: (\d+)", text)[1] for rule, text in planned if "torch=1" in text}
    assert found == dict.fromkeys(("train", "predict", "efficiency", "compare_latency"), threads)


def test_every_job_that_runs_a_network_says_what_it_needs_of_a_cluster(checkout):
    rules = "\n".join(file.read_text() for file in (checkout.folder / "workflow/rules").glob("*.smk"))
    blocks = re.split(r"\n(?:rule|use rule \w+ as) (\w+)(?: with)?:\n", rules)
    torch = {name: block for name, block in zip(blocks[1::2], blocks[2::2], strict=True) if "torch=1" in block}
    assert {"train", "predict", "compare_latency"} < torch.keys()
    assert not [name for name, block in torch.items() if not ("mem_mb=" in block and "runtime=" in block)]
    stated = yaml.safe_load((checkout.folder / "workflow/profiles/slurm/config.yaml").read_text())["set-resources"]
    assert torch.keys() <= stated.keys()
    fetching = {name for name in blocks[1::2] if name.startswith("fetch_")}
    local = (checkout.folder / "Snakefile").read_text().partition("localrules:")[2]
    here = {"all", "page", "index", "convert", "profile", "score"}
    assert fetching and set(re.findall(r"\w+", local)) == fetching | here
    # Each is measured, beside its log.
    logged = re.findall(r'    log:\n        "(\S+)\.log",\n    benchmark:\n        "(\S+)\.tsv"', rules)
    assert len(logged) == rules.count("    log:\n") and all(log == benchmark for log, benchmark in logged)


def test_the_plan_shows_a_few_of_the_files_of_a_job_and_how_many_more_there_are(checkout):
    done = checkout.snakemake("--dry-run", "reports/synthcity.html")
    lists = re.findall(r"\n    input: (.*)", done.stdout)
    assert len(lists) > 5 and any(re.search(r", \d\d+ more, \S+$", files) for files in lists)
    assert max(map(len, lists)) < 500
    assert max(map(len, re.findall(r"\n    reason: (.*)", done.stdout))) < 400


def test_what_a_network_costs_is_counted_once(structure):
    profiled = re.findall(r"\n    output: results/cityscapes/(\w+)/\w+/seed0/profile.json", structure)
    runs = yaml.safe_load((PROJECT / "config/reports/cityscapes.yaml").read_text())["runs"]
    assert sorted(profiled) == sorted({run["model"] for run in runs})


def test_dataset_behind_a_login_is_said_before_any_job(checkout):
    done = checkout.snakemake("reports/cityscapes.html")
    assert done.returncode != 0
    assert "data/downloads/cityscapes/leftImg8bit_trainvaltest.zip" in done.stdout
    assert "https://www.cityscapes-dataset.com" in done.stdout
    assert "CITYSCAPES_USERNAME" in done.stdout
    assert "--config stages=structure" in done.stdout
    assert "Traceback (most recent" not in done.stdout
    assert not (checkout.folder / "results").exists()


def test_page_without_data_is_built_from_the_stages_that_need_none(checkout):
    official = [{"model": "espnet_p2q8", "route": "official"}]
    checkout.edit("config/reports/cityscapes.yaml", runs=official, comparisons=[])
    done = checkout.snakemake("reports/cityscapes.html", "--config", "stages=structure")
    assert done.returncode == 0, done.stdout
    rows = json.loads((checkout.folder / "reports/cityscapes.json").read_text())["rows"]
    assert {r["outcome"] for r in rows if r["claim"] == "espnet.readme.cs-test.miou"} == {"not run"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stages": ["accuracy", "speeed"]},
         ["stages", "found 'speeed'", "'structure', 'accuracy', 'efficiency' or 'training'"]),
        ({"stages": ["structure", "training"]},
         ["stages: found ['structure', 'training']", "expected: accuracy together with training"]),
        ({"reports": {"camvid": {"title": "t", "dataset": "camvid", "runs": []}}},
         ["reports: found camvid", "config/reports/<report>.yaml"]),
        ({"reportz": {}}, ["reportz", "did you mean `reports`?"]),
        ({"tolerances": TOLERANCES | {"half_width": -1}}, ["tolerances.half_width", "-1"]),
    ],
)  # fmt: skip
def test_bad_suite_file_is_refused_before_the_first_job(checkout, change, said):
    checkout.edit("config/suite.yaml", **change)
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode != 0
    for text in ["config/suite.yaml", *said]:
        assert text in done.stdout
    assert "Traceback (most recent" not in done.stdout


def test_what_the_page_heeds_can_be_given_on_the_command_line(checkout):
    heeded = ("mirror=elsewhere", "keep_archives=false", "stages=structure")
    assert checkout.snakemake("--dry-run", "reports/synthcity.html", "--config", *heeded).returncode == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("standard_protocol=espnet_authors", "standard_protocol"),
        (f"tolerances={TOLERANCES | {'half_width': 5}}", "tolerances"),
    ],
)
def test_nothing_else_can_be_given_on_the_command_line(checkout, given, field):
    done = checkout.snakemake("--dry-run", "reports/synthcity.html", "--config", given)
    assert done.returncode != 0
    assert (
        f"--config: {field}: found another value than in config/suite.yaml; expected stages, mirror or keep_archives"
        in (done.stdout)
    )
    assert "Traceback (most recent" not in done.stdout


def test_one_id_of_comparisons_in_two_stages_is_refused(checkout):
    counted = {"id": "espnet-latency-pspnet", "quantity": "parameters", "models": ["espnet_p2q3", "espnet_p2q8"]}
    checkout.edit("config/reports/camvid.yaml", comparisons=[counted])
    done = checkout.snakemake("--dry-run", "reports/camvid.html")
    assert done.returncode != 0
    assert (
        "config/reports/cityscapes.yaml: comparisons[espnet-latency-pspnet].quantity: found latency, of the stage"
        " efficiency; expected one of the stage structure, as config/reports/camvid.yaml plans under that id"
    ) in done.stdout


def test_a_comparison_of_swapped_models_is_made_again(checkout):
    comparison = {"id": "one-against-other", "quantity": "miou", "models": ["espnet_p2q3", "espnet_p2q8"]}
    runs = [{"model": model, "route": "retrained"} for model in comparison["models"]]
    checkout.edit("config/reports/camvid.yaml", runs=runs, comparisons=[comparison])
    described = [run("retrained", "camvid") | {"model": model} for model in comparison["models"]]
    for of_run, digest in zip(described, ("d" * 64, "e" * 64), strict=True):
        folder = checkout.folder / f"results/camvid/{of_run['model']}/retrained/seed0"
        folder.mkdir(parents=True)
        scored = evaluation(of_run, []).model_dump(mode="json", exclude={"scores", "resampled", "scoring_sha256"})
        write_content(folder / "prediction.json", scored | {"kind": "prediction", "confusion_sha256": digest})
        (folder / "confusion.npz").write_text("")
    target = ("results/camvid/comparisons/one-against-other.json", "--allowed-rules", "compare_accuracy")
    (checkout.folder / target[0]).parent.mkdir(parents=True)
    by = {"confusion_sha256": ["d" * 64, "e" * 64], "scoring_sha256": scoring_sha256("camvid")}
    made = difference(id=comparison["id"], runs=described, **by)
    evidence_file.write(checkout.folder / target[0], made)
    assert "Nothing to be done" in checkout.snakemake(*target).stdout
    checkout.edit("config/reports/camvid.yaml", comparisons=[comparison | {"models": comparison["models"][::-1]}])
    assert "about other predictions than those of its runs" in checkout.snakemake("--dry-run", *target).stdout


def test_a_mirror_may_have_a_space_in_its_name(checkout, tmp_path):
    mirror = tmp_path / "my mirror"
    for name, content in (("ldn/ldn121.pth", b""), ("espnet/small.pth", b"weights")):
        (mirror / name).parent.mkdir(parents=True)
        (mirror / name).write_bytes(content)
    converted = "results/cityscapes/ldn121/official/seed0/weights.pth"
    plan = checkout.snakemake("--dry-run", "--printshellcmds", converted, SEGREPRO_MIRROR=str(mirror))
    (command,) = re.findall(r"python workflow/scripts/convert.py[^|]*", plan.stdout)
    assert shlex.split(command)[4:6] == ["--checkpoint", str(mirror / "ldn/ldn121.pth")]
    small = {"file": "small.pth", "urls": ["https://example.org/small.pth"], "bytes": 7, "model": "espnet_p2q3"}
    small |= {"sha256": hashlib.sha256(b"weights").hexdigest(), "dataset": "cityscapes", "trained_on": "nothing"}
    checkout.edit("data_manifests/checkpoints/espnet.yaml", files=[small])
    fetched = checkout.folder / "weights/espnet/small.pth"
    for arguments, variables in [((), {"SEGREPRO_MIRROR": str(mirror)}), (("--config", f"mirror={mirror}"), {})]:
        done = checkout.snakemake("weights/espnet/small.pth", *arguments, **variables)
        assert done.returncode == 0, done.stdout
        assert fetched.read_bytes() == b"weights"
        fetched.unlink()


def test_a_submission_depends_on_its_protocol(checkout):
    submission = "results/cityscapes/shelfnet50/retrained/seed0/submission-test-{}.zip"
    plan = checkout.snakemake("--dry-run", submission.format("shelfnet_cityscapes"), **LOGIN)
    (needed,) = re.findall(r"\nrule submission:\n    input: (.*)", plan.stdout)
    assert needed.endswith(", data_manifests/protocols/shelfnet_cityscapes.yaml")
    refused = checkout.snakemake("--dry-run", submission.format("standard"), **LOGIN)
    assert "--protocol standard: found no inference of its own; expected one of: " in refused.stdout


def test_index_says_which_page_to_build_again(checkout):
    (checkout.folder / "reports/camvid.html").touch()
    (checkout.folder / "reports/camvid.json").write_text('{"report": "camvid"}')
    index = ["workflow/scripts/index.py", "--suite", "config/suite.yaml", "--out", "reports/index.html"]
    done = subprocess.run(
        [BIN / "python", *index], cwd=checkout.folder, env=checkout.environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: reports/camvid.json: does not fit the schema PageData")
    assert done.stderr.endswith("Build that page again: snakemake --cores all --force reports/camvid.html\n")


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


def test_small_synthcity_page_from_nothing_and_then_nothing_but_what_a_correction_changes(checkout):
    checkout.shrink(iterations=6)
    done = checkout.snakemake("reports/synthcity.html")
    assert done.returncode == 0, done.stdout
    assert "it/s" in done.stdout or "s/it" in done.stdout, "no progress bar"
    numbers = json.loads((checkout.folder / "reports/synthcity.json").read_text())["unjudged"]
    measured = {(entry["route"], metric) for entry in numbers for metric in entry["values"]}
    assert {("retrained", "miou"), ("untrained", "miou")} <= measured
    assert (checkout.folder / "reports/index.html").is_file()
    again = checkout.snakemake("reports/synthcity.html")
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout
    for corrected, followed_by in [
        ("reports/judging/verdicts.py", ["page"]),
        ("mmseg_plugins/evaluation/scores.py", ["page", "score", "score"]),
    ]:
        file = checkout.folder / corrected
        before = file.read_text()
        file.write_text(before + "\n\nCORRECTED = True\n")
        plan = checkout.snakemake("--dry-run", "reports/synthcity.html")
        assert sorted(re.findall(r"\nrule (\w+):", plan.stdout)) == followed_by, plan.stdout
        file.write_text(before)
    with (checkout.folder / "data_manifests/label_sets/cityscapes.yaml").open("a") as label_set:
        label_set.write("# A comment.\n")
    checkout.edit("data_manifests/datasets/synthcity.yaml", description="Said otherwise.")
    plan = checkout.snakemake("--dry-run", "results/synthcity/espnet_tiny/retrained/seed0/prediction.json")
    assert "Nothing to be done" in plan.stdout, plan.stdout
    label_set = checkout.folder / "data_manifests/label_sets/cityscapes.yaml"
    label_set.write_text(label_set.read_text().replace(", instances: true", "", 1))
    plan = checkout.snakemake("--dry-run", "results/synthcity/espnet_tiny/retrained/seed0/prediction.json")
    assert "\nrule predict:" in plan.stdout, plan.stdout


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
    assert judged["miou"]["outcome"] == "consistent"
    assert judged["miou"]["measured"] == pytest.approx(55.64, abs=0.02)
    assert judged["class_avg_accuracy"]["outcome"] == "reproduced"
    assert judged["class_avg_accuracy"]["measured"] == pytest.approx(68.30, abs=0.02)

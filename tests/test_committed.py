"""Evidence that is handed in for others lies where its content says, and holds nothing that must not be published."""

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data_manifests import evidence_file, loader
from reports.judging.committed import objections, place, slug
from reports.judging.evidence import AnyEvidence, collect
from segrepro.errors import SegReproError
from tests import evidence_factory as make
from tests.checkout import PROJECT
from workflow.scripts import publish

MEASUREMENTS = PROJECT / "reports/measurements"
COMMITTED = sorted(MEASUREMENTS.rglob("*.json"))
RUN = Path("camvid/espnet_p2q8/official/seed0")
HARDWARE = "intel-xeon-processor-2-cores"


@pytest.fixture
def results(tmp_path):
    """What a run of ESPNet on CamVid left, its prediction included."""
    folder = tmp_path / "results" / RUN
    shutil.copytree(MEASUREMENTS / HARDWARE / RUN, folder)
    # It was timed on another machine than it was scored on.
    timed = json.loads((MEASUREMENTS / "amd-epyc-2-cores" / RUN / "efficiency.json").read_text())
    timed["provenance"]["hardware"] = json.loads((folder / "evaluation.json").read_text())["provenance"]["hardware"]
    make.write_content(folder / "efficiency.json", timed)
    prediction = json.loads((folder / "evaluation.json").read_text()) | {"kind": "prediction"}
    del prediction["scores"]
    make.write_content(folder / "prediction.json", prediction)
    (folder / "samples").mkdir()
    (folder / "samples/0001TP_009690_image.png").write_bytes(b"a picture")
    return folder


def rewrite(file, **changes):
    """Changes a file of evidence; `provenance__commit` is a field within a field."""
    record = json.loads(file.read_text())
    for name, value in changes.items():
        *outer, field = name.split("__")
        place = record
        for key in outer:
            place = place[key]
        place[field] = value
    make.write_content(file, record)


def files_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: str(file.relative_to(MEASUREMENTS)))
def test_all_committed_evidence_lies_where_its_content_says_and_may_be_published(file):
    record = evidence_file.read(file, AnyEvidence).root
    assert place(record) == file.relative_to(MEASUREMENTS)
    assert objections(record) == []


def test_evidence_of_a_run_is_copied_byte_by_byte_to_the_folder_of_its_hardware(results, tmp_path, capsys):
    out = tmp_path / "measurements"
    publish.main(results, out)
    kinds = ("efficiency", "evaluation", "profile", "sensitivity")
    expected = {f"{HARDWARE}/{RUN}/{kind}.json": (results / f"{kind}.json").read_bytes() for kind in kinds}
    assert files_below(out) == {Path(name): content for name, content in expected.items()}
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[::2] for line in said] == [(f"{out}/{name}", "new") for name in expected]


def test_what_is_published_takes_part_in_the_page(results, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    publish.main(results, Path("measurements"))
    report = loader.suite(PROJECT / "config/suite.yaml").reports["camvid"]
    found = collect([], Path("measurements"), report)
    assert {file.record.kind for file in found} == {"efficiency", "evaluation", "profile", "sensitivity"}
    assert all(file.committed for file in found)


def test_a_second_time_changes_nothing_and_a_new_measurement_takes_the_place_of_the_old(results, tmp_path, capsys):
    out = tmp_path / "measurements"
    publish.main(results, out)
    before = files_below(out)
    publish.main(results, out)
    assert files_below(out) == before
    rewrite(results / "profile.json", provenance__duration_s=9.5)
    capsys.readouterr()
    publish.main(results, out)
    assert "profile.json: replaced" in capsys.readouterr().out
    changed = Path(HARDWARE, RUN, "profile.json")
    assert files_below(out) == before | {changed: (results / "profile.json").read_bytes()}


def test_comparisons_are_published_likewise(tmp_path):
    source = MEASUREMENTS / "amd-epyc-2-cores/voc2012/comparisons"
    publish.main(source, tmp_path)
    assert files_below(tmp_path / "amd-epyc-2-cores/voc2012/comparisons") == files_below(source)


def test_a_gpu_names_the_folder_without_the_cores_of_its_processor(results, tmp_path):
    card = {"device": "cuda", "name": "NVIDIA GeForce RTX 4090", "cpu_cores": 16, "memory_gib": 23.5}
    for file in results.glob("*.json"):
        rewrite(file, provenance__hardware=card)
    publish.main(results, tmp_path / "measurements")
    assert [path.name for path in (tmp_path / "measurements").iterdir()] == ["nvidia-geforce-rtx-4090"]


@pytest.mark.parametrize(
    ("machine", "folder"),
    [
        ("AMD EPYC (2 cores)", "amd-epyc-2-cores"),
        ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz (14 cores)", "intel-xeon-cpu-e5-2680-v4-2-40ghz-14-cores"),
        ("NVIDIA H200", "nvidia-h200"),
        ("Tesla V100-SXM2-32GB", "tesla-v100-sxm2-32gb"),
    ],
)
def test_folders_are_named_in_lower_case_without_marks(machine, folder):
    assert slug(machine) == folder


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"provenance__dirty": True}, r"provenance\.dirty: found true; expected false: the commit [0-9a-f]{7} alone"),
        ({"provenance__dirty": None}, r"provenance\.dirty: found none"),
        (
            {"provenance__commit": None, "provenance__dirty": None},
            r"provenance\.commit: found none; expected",
        ),
    ],
)
def test_what_no_commit_stands_for_is_refused_and_nothing_is_copied(results, tmp_path, changes, reason):
    rewrite(results / "profile.json", **changes)
    with pytest.raises(SegReproError, match=rf"profile\.json: {reason}(.*\n)*Nothing was copied"):
        publish.main(results, tmp_path / "measurements")
    assert not (tmp_path / "measurements").exists()


def test_a_difference_needs_the_commits_of_both_networks():
    assert objections(make.difference()) == []
    (reason,) = objections(make.difference(baseline_provenance=make.provenance(dirty=True)))
    assert reason.startswith("baseline_provenance.dirty: found true")


@pytest.mark.parametrize(
    "text",
    [
        "torch.compile failed: /var/cache/torchinductor_someone/ab/cab.py",
        "cannot open '/home/someone/results/weights.pth'",
        "error:/scratch/data/camvid",
        r"no such file: C:\Users\someone\weights.pth",
        "see ~/weights.pth",
        "file:///srv/data/x.png",
    ],
)
def test_paths_of_the_machine_are_refused(results, tmp_path, text):
    efficiency = json.loads((results / "efficiency.json").read_text())
    efficiency["inference"][0]["throughput"]["ended_by"] = text
    make.write_content(results / "efficiency.json", efficiency)
    with pytest.raises(SegReproError, match=r"inference\[0\]\.throughput\.ended_by: found the path "):
        publish.main(results, tmp_path / "measurements")


def test_an_address_of_the_web_and_a_ratio_are_no_paths():
    assert objections(make.difference(split="https://example.org/a/b and/or 1/2 of 2048/1024")) == []


def test_names_of_the_machine_and_its_user_are_refused(results, tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "node17.lab.example.org")
    monkeypatch.setenv("LOGNAME", "jdoe")
    publish.main(results, tmp_path / "measurements")
    for text in ("out of memory on node17", "jdoe's limit", "NODE17.lab.example.org is full"):
        efficiency = json.loads((results / "efficiency.json").read_text())
        efficiency["inference"][0]["throughput"]["ended_by"] = text
        make.write_content(results / "efficiency.json", efficiency)
        with pytest.raises(SegReproError, match="expected no name of a machine or a person"):
            publish.main(results, tmp_path / "measurements")


def test_a_user_who_is_called_like_the_maker_of_the_hardware_may_publish(results, tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "amd")
    publish.main(results, tmp_path / "measurements")


def test_program_refuses_in_one_message_without_a_traceback(results, tmp_path):
    make.write_content(results / "training.json", {"kind": "training", "run": {}})
    program = [sys.executable, str(PROJECT / "workflow/scripts/publish.py")]

    def published(folder):
        arguments = ["--results", str(folder), "--out", str(tmp_path / "measurements")]
        environment = {"PYTHONPATH": str(PROJECT), "PATH": ""}
        return subprocess.run([*program, *arguments], capture_output=True, text=True, env=environment)

    broken, empty = published(results), published(tmp_path)
    assert (broken.returncode, empty.returncode) == (1, 1)
    assert "training.json" in broken.stderr
    assert "run.model" in broken.stderr
    assert f"error: {tmp_path}: found no evidence; expected files like evaluation.json" in empty.stderr
    assert "Traceback" not in broken.stderr + empty.stderr
    assert not (tmp_path / "measurements").exists()

"""Whatever changes in a result, or in what it was made from, a plan notices, whatever the times of the files say."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import planning
from data_manifests import evidence_file
from data_manifests.schemas.evidence import Prediction, Profile
from tests import evidence_factory as make
from tests.checkout import BIN

RUN = "results/synthcity/net0/retrained/seed0"
OFFICIAL = "results/synthcity/net0/official/seed0"
UNTRAINED = "results/synthcity/net0/untrained/seed0"
SOURCE = "weights/authors/net0.pth"

pytestmark = pytest.mark.slow

MAKE = """\
from pathlib import Path
from mmseg_plugins.runtime.computing_code import CONVERSION, INITIALISATION
from workflow.outdated import Run
from workflow.write_origin import write_origin
official, untrained = (Run("synthcity", "net0", route, 0) for route in ("official", "untrained"))
write_origin(official.folder / "weights.pth", official.config, CONVERSION, Path("weights/authors/net0.pth"))
write_origin(untrained.folder / "weights.pth", untrained.config, INITIALISATION)
"""
ASK = """\
import json
from pathlib import Path
from workflow.outdated import Results, Run
results = Results()
run, official, untrained = (Run("synthcity", "net0", route, 0) for route in ("retrained", "official", "untrained"))
print(json.dumps({
    "preparation": results.preparation("synthcity"),
    "verification": results.verification("synthcity"),
    "training": results.training(run),
    "prediction": results.prediction(run, None, []),
    "evaluation": results.evaluation(run),
    "sensitivity": results.sensitivity(run, None),
    "profile": results.cost(run, "profile"),
    "efficiency": results.cost(run, "efficiency"),
    "converted": results.weights(official, Path("weights/authors/net0.pth")),
    "untrained": results.weights(untrained, None),
}))
results.keep()
"""
COUNTING = """\
import ast
parsed, parse = [], ast.parse
ast.parse = lambda text: parsed.append(text) or parse(text)
"""

# A config is parsed for its bases, which is quick; the code that it names is what there is much of.
OF_CODE = """
files = [file for file in Path("mmseg_plugins").rglob("*.py") if "configs" not in file.parts]
print(len({file.read_text(encoding="utf-8") for file in files}.intersection(parsed)))
"""


def python(folder, program):
    done = subprocess.run(
        [BIN / "python", "-c", program],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def outdated(folder):
    """What must be made again, and why."""
    return {name: reason for name, reason in json.loads(python(folder, ASK)).items() if reason is not None}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run with a result of every kind, with made-up numbers."""
    folder = tmp_path_factory.mktemp("finished") / "suite"
    folder.mkdir()
    planning.suite_checkout(folder, 1)
    planning.finish(folder, 1)
    run = folder / RUN
    profile = evidence_file.read(run / "profile.json", Profile)
    prediction = evidence_file.read(run / "prediction.json", Prediction)
    described = profile.run.model_dump()
    for record, made in (
        (make.efficiency(described), profile.provenance),
        (make.sensitivity(described), prediction.provenance),
    ):
        evidence_file.write(run / f"{record.kind}.json", record.model_copy(update={"provenance": made}))
    for file in (SOURCE, f"{OFFICIAL}/weights.pth", f"{UNTRAINED}/weights.pth"):
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_text(f"This is {file}.")
    python(folder, MAKE)
    assert outdated(folder) == {}
    return folder


@pytest.fixture
def suite(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "suite", symlinks=True)


def with_old_times(file, content):
    """Writes a file that looks as old as it was."""
    times = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("file", "again"),
    [
        (f"{RUN}/training.json", {"training", "prediction", "sensitivity"}),
        (f"{RUN}/prediction.json", {"prediction", "evaluation"}),
        (f"{RUN}/evaluation.json", {"evaluation"}),
        (f"{RUN}/sensitivity.json", {"sensitivity"}),
        (f"{RUN}/profile.json", {"profile"}),
        (f"{RUN}/efficiency.json", {"efficiency"}),
        (f"{OFFICIAL}/weights.json", {"converted"}),
        (f"{UNTRAINED}/weights.json", {"untrained"}),
        ("data/verified/synthcity.json", {"verification"}),
    ],
)
def test_a_digit_changed_in_evidence_is_noticed(suite, file, again):
    text = (suite / file).read_text()
    changed = re.sub(r"\d(?=\D*\Z)", lambda digit: str((int(digit[0]) + 1) % 10), text)
    assert json.loads(changed) != json.loads(text)
    outdated(suite)
    with_old_times(suite / file, changed.encode())
    found = outdated(suite)
    assert found.keys() == again
    assert all(file in reason for reason in found.values())


def a_file(suite, pattern):
    return sorted(suite.glob(pattern))[0]


@pytest.mark.parametrize(
    ("pattern", "again"),
    [
        (f"{RUN}/weights.pth", {"training", "prediction", "sensitivity"}),
        (f"{RUN}/confusion.npz", {"prediction"}),
        (f"{RUN}/samples/*_truth.png", {"prediction"}),
        (f"{OFFICIAL}/weights.pth", {"converted"}),
        (f"{UNTRAINED}/weights.pth", {"untrained"}),
        (SOURCE, {"converted"}),
        ("data/synthcity/leftImg8bit/val/*/*.png", {"verification", "training", "prediction", "sensitivity"}),
        ("data/synthcity/gtFine/val/*/*_labelTrainIds.png", {"verification", "training", "prediction", "sensitivity"}),
    ],
)
def test_a_byte_flipped_in_what_a_program_left_for_another_is_noticed(suite, pattern, again):
    outdated(suite)
    file = a_file(suite, pattern)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    with_old_times(file, bytes(content))
    assert outdated(suite).keys() == again


@pytest.mark.parametrize(
    ("module", "again"),
    [
        ("networks/{family}/key_map.py", {"converted"}),
        ("networks/official_weights.py", {"converted"}),
        ("networks/shelfnet/key_map.py", set()),
        ("training/initial_model.py", {"untrained"}),
    ],
)
def test_weights_that_no_training_made_are_told_by_the_code_that_made_them(suite, module, again):
    file = suite / "mmseg_plugins" / module.format(family="espnet")
    file.write_text(file.read_text() + "\nX = 1\n")
    assert outdated(suite).keys() == again


@pytest.mark.parametrize(
    ("file", "old", "new", "again"),
    [
        ("data_manifests/protocols/standard.yaml", "average: dataset", "average: image", {"evaluation"}),
        ("data_manifests/protocols/standard.yaml", "title: void ignored", "title: void is ignored", set()),
        ("mmseg_plugins/evaluation/bootstrap.py", "\n\n\ndef ", "\n\nX = 1\n\n\ndef ", {"evaluation"}),
        ("workflow/scripts/score.py", "\n\n\ndef ", "\n\nX = 1\n\n\ndef ", {"evaluation"}),
        ("mmseg_plugins/evaluation/bootstrap.py", "\n\n\ndef ", "\n\n# The next function.\n\n\ndef ", set()),
    ],
)
def test_scores_are_told_by_the_rules_and_the_code_that_made_them(suite, file, old, new, again):
    text = (suite / file).read_text()
    assert old in text
    (suite / file).write_text(text.replace(old, new, 1))
    assert outdated(suite).keys() == again


@pytest.mark.parametrize("damage", ["", "{", '{"by": 1}', "[]"])
def test_damage_in_what_is_only_kept_to_save_time_does_no_harm(suite, damage):
    for kept in (".cache/sources", "results/.hashes", "weights/.hashes", "data/verified/synthcity.hashes"):
        assert (suite / kept).is_file()
        (suite / kept).write_text(damage)
    assert outdated(suite) == {}


def change_the_facts(suite):
    manifest = suite / "data_manifests/datasets/synthcity.yaml"
    text = manifest.read_text()
    assert "images: 2" in text
    manifest.write_text(text.replace("images: 2", "images: 3", 1))


def test_other_facts_are_noticed_where_the_data_is_gone(suite):
    shutil.rmtree(suite / "data/synthcity")
    assert outdated(suite) == {}
    change_the_facts(suite)
    assert outdated(suite).keys() == {"verification"}


def test_other_facts_are_noticed_where_the_data_is_there(suite):
    change_the_facts(suite)
    assert outdated(suite).keys() == {"preparation", "verification", "training", "prediction", "sensitivity"}


def test_a_plan_parses_no_source_that_an_earlier_one_parsed(suite):
    (suite / ".cache/sources").unlink()
    program = f"{COUNTING}{ASK}{OF_CODE}"
    first, second = (int(python(suite, program).splitlines()[-1]) for _ in range(2))
    assert first > 20 and second == 0
    assert Path(suite / ".cache/sources").is_file()

"""Evidence that is not what was written is refused, whatever changed it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Evaluation, Profile
from reports.judging.counts import read_counts
from reports.judging.evidence import AnyEvidence, collect
from segrepro.errors import SegReproError
from tests import evidence_factory as make
from tests.checkout import PROJECT

COMMITTED = sorted((PROJECT / "reports/measurements").rglob("*.json"))


@pytest.fixture
def file(tmp_path):
    evidence_file.write(tmp_path / "run/evaluation.json", make.evaluation(make.run(), make.scores(51.25)))
    return tmp_path / "run/evaluation.json"


def test_what_was_written_is_read(file):
    assert evidence_file.read(file, Evaluation) == make.evaluation(make.run(), make.scores(51.25))


def test_it_can_be_checked_with_the_programs_of_every_system(file):
    stated = json.loads(file.read_text())["content_sha256"]
    others = subprocess.run(["grep", "-v", '^ "content_sha256"', file], capture_output=True, check=True).stdout
    found = subprocess.run(["sha256sum"], input=others, capture_output=True, check=True)
    assert found.stdout.decode().split()[0] == stated


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("51.25", "51.26"),
        lambda text: text.replace('"images": 2', '"images": 3'),
        lambda text: text.replace('"content_sha256": "', '"content_sha256": "0', 1),
        lambda text: re.sub(r' "content_sha256".*\n', "", text),
        lambda text: text.replace("}", "} ", 1),
        lambda text: text[: len(text) // 2],
        lambda text: "",
    ],
    ids=["a score", "a number", "the hash", "no hash", "layout", "cut", "emptied"],
)
def test_whatever_changed_is_said_in_one_message_with_both_hashes(file, change):
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before
    with pytest.raises(SegReproError, match=r"evaluation\.json: content_sha256: found \S+; expected [0-9a-f]{64}, "):
        evidence_file.read(file, Evaluation)


def test_line_ends_of_another_system_are_no_change(file):
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert evidence_file.read(file, Evaluation).scores


def test_a_record_of_another_kind_is_refused_all_the_same(file):
    with pytest.raises(SegReproError, match="does not fit the schema Profile"):
        evidence_file.read(file, Profile)


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: str(path.relative_to(PROJECT / "reports/measurements")))
def test_every_committed_file_is_as_it_was_written(path):
    text = path.read_text()
    assert evidence_file.sealed(text) == text
    assert evidence_file.read(path, AnyEvidence)


def test_a_changed_digit_in_committed_evidence_is_refused_with_a_next_step(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    committed = Path("measurements/card/streets/net_small/official/seed0/profile.json")
    evidence_file.write(committed, make.profile(make.run()))
    text = committed.read_text()
    number = re.search(r'"parameters": (\d+)', text)[1]
    committed.write_text(text.replace(number, number[:-1] + str((int(number[-1]) + 1) % 10), 1))
    for reading in (
        lambda: collect([], Path("measurements"), make.suite().reports["streets"]),
        lambda: read_counts(Path("measurements")),
    ):
        with pytest.raises(SegReproError) as told:
            reading()
        assert str(told.value).startswith(f"{committed}: content_sha256: found ")
        assert "Restore the file, or remove it and measure again" in str(told.value)

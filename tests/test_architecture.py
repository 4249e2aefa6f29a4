"""The shape of the project: imports point one way, and nothing leaks what must not be in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import programs

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SCRIPTS = sorted((PROJECT / "workflow/scripts").glob("[!_]*.py"))


def test_imports_point_one_way():
    done = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_program_explains_itself(script, tmp_path):
    program = programs.start(script, "--help", folder=PROJECT, log=tmp_path / "log")
    program.join()
    said = (tmp_path / "log").read_text()
    assert program.exitcode == 0, said
    assert "--help" in said
    assert "Usage" in said


def test_every_rule_runs_a_program_that_exists_and_every_program_has_its_rule():
    rules = "".join(path.read_text() for path in (PROJECT / "workflow/rules").glob("*.smk"))
    used = set(re.findall(r"workflow/scripts/(\w+)\.py", rules))
    assert used == {path.stem for path in SCRIPTS} - {
        "check_submission",
        "export",
        "export_schemas",
        "measure_all",
        "profile_all",
        "publish",
        "resume_on_slurm",
        "trace_paths",
    }


@pytest.mark.parametrize(("name", "packages"), [("requirements.lock", 50), ("tests/schedulers.lock", 20)])
def test_lock_pins_every_package_by_version_and_hash_and_names_no_index(name, packages):
    lock = (PROJECT / name).read_text()
    pins = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert len(pins) > packages
    for pin in pins:
        assert re.match(r"[a-z0-9-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin
    assert "://" not in lock

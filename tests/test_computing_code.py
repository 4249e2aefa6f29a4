"""Which code and which config a result is made from: what computes counts, and how it is written does not."""

import shutil
from pathlib import Path

import pytest

from mmseg_plugins.runtime.computing_code import (
    COST,
    PREDICTION,
    TRAINING,
    code_sha256,
    config_files_sha256,
    digest_of_files,
    imported,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = """\
from a import b


def f(x: int = 1, *y, **z) -> str:
    '''Says.'''
    return f'{x!r:>{1}} {y[0]}' + "q"


class A:
    c = (1.5, None, True, ..., b'x')
"""
DIGEST = "cb3d1fc4051470abb5eb3af29c070aaafbcbfac6c4752a635d9d71e5216a7828"
CONFIG = "mmseg_plugins/configs/cityscapes/ldn121.py"


@pytest.fixture
def project(tmp_path):
    shutil.copytree(ROOT / "mmseg_plugins", tmp_path / "mmseg_plugins")
    return tmp_path


def digests(project):
    return tuple(code_sha256([project / CONFIG], part, project) for part in (TRAINING, PREDICTION, COST))


def add(file, text):
    file.write_text(file.read_text() + text)


def test_comments_docstrings_and_layout_do_not_count(project):
    before = digests(project), config_files_sha256([project / CONFIG])
    for file in (project / "mmseg_plugins").rglob("*.py"):
        add(file, "\n\n# A comment.\n'''What the file says at its end.'''\n")
    assert (digests(project), config_files_sha256([project / CONFIG])) == before


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("networks/ldn/layers.py", (True, True, True)),
        ("networks/require_known.py", (True, True, True)),
        ("datasets/load_image_from_file.py", (True, True, False)),
        ("evaluation/counts.py", (False, True, False)),
        ("training/kernel_decay.py", (True, False, False)),
        ("training/random_state.py", (True, False, False)),
        ("training/progress_hook.py", (False, False, False)),
        ("training/run_lock.py", (False, False, False)),
        ("networks/shelfnet/backbone.py", (False, False, False)),
        ("runtime/device.py", (False, False, False)),
        ("profiling/timing.py", (False, False, False)),
    ],
)
def test_code_counts_where_it_computes(project, file, changed):
    before = digests(project)
    add(project / "mmseg_plugins" / file, "\nX = 1\n")
    assert tuple(a != b for a, b in zip(digests(project), before, strict=True)) == changed


def test_a_base_of_a_config_counts(project):
    before = config_files_sha256([project / CONFIG])
    add(project / "mmseg_plugins/configs/_base_/runtime/default.py", "\nx = 1\n")
    assert config_files_sha256([project / CONFIG]) != before


def test_a_digest_is_the_same_in_every_version_of_python(tmp_path):
    """Results of one machine are compared on another; what Python itself prints of code differs between versions."""
    file = tmp_path / "file.py"
    file.write_text(SAMPLE)
    assert digest_of_files([file]) == DIGEST


def test_a_file_outside_of_the_project_is_followed_no_further(tmp_path):
    (tmp_path / "hook.py").write_text("from . import other\nimport mmseg_plugins.training.weights\n")
    found = imported([tmp_path / "hook.py"])
    assert found == sorted([tmp_path / "hook.py", ROOT / "mmseg_plugins/training/weights.py"])

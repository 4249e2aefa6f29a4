"""Folders outside the project, for what it must not hold; without one, the tests that need it are skipped by name."""

import os
from pathlib import Path

import pytest


def outside_folder(variable: str, what: str) -> Path:
    """The folder that an environment variable names; the test is skipped where the variable is not set."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: no {what}")
    folder = Path(value).resolve()
    assert folder.is_dir(), f"{variable}={value} is not a folder"
    return folder

"""Fixtures that bring in what the project itself must not hold."""

import os
from pathlib import Path

import pytest


def _outside_folder(variable: str, what: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: no {what}")
    folder = Path(value).resolve()
    assert folder.is_dir(), f"{variable}={value} is not a folder"
    return folder


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder of real archives and weights, `<dataset or checkpoint>/<file>`."""
    return _outside_folder("SEGREPRO_MIRROR", "mirror of datasets and weights")


@pytest.fixture(scope="session")
def reference() -> Path:
    """Folder of the papers' numeric fixtures and transcribed claims."""
    return _outside_folder("SEGREPRO_REFERENCE", "reference fixtures")

"""A Slurm for the tests of a file, and a head that asks it often."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.slurm.cluster import CannotRunHereError, Cluster

# For Python to load at its start: Snakemake asks for its jobs every two seconds. It waits longer and longer otherwise,
# as suits jobs of hours; here that would take most of the time.
ASK_OFTEN = """\
import sys
if any(argument.endswith("/snakemake") for argument in sys.orig_argv[:3]):
    from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
    RemoteExecutor.next_seconds_between_status_checks = property(lambda self: 2, lambda self, seconds: None)
"""


@pytest.fixture(scope="module")
def start_slurm() -> Iterator[Callable[..., Cluster]]:
    """Starts a Slurm with the settings that are given; skips by name where none can run."""
    running: list[tuple[Cluster, tempfile.TemporaryDirectory[str]]] = []

    def start(**settings: str) -> Cluster:
        folder = tempfile.TemporaryDirectory(prefix="slurm-", dir="/tmp")  # Its sockets need a short path.
        try:
            cluster = Cluster(Path(folder.name), **settings)
        except CannotRunHereError as error:
            folder.cleanup()
            pytest.skip(f"needs a Slurm: {error}")
        cluster.start()
        running.append((cluster, folder))
        return cluster

    yield start
    for cluster, folder in running:
        cluster.stop()
        folder.cleanup()


@pytest.fixture(scope="module")
def slurm(start_slurm: Callable[..., Cluster]) -> Cluster:
    """A Slurm that keeps what it knows of a job for an hour."""
    return start_slurm(MinJobAge="3600")


@pytest.fixture(scope="module")
def ask_often(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for Python's path."""
    folder = tmp_path_factory.mktemp("ask_often")
    (folder / "sitecustomize.py").write_text(ASK_OFTEN)
    return folder

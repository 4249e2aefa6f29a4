"""Fixtures that several tests share, most for what the project itself must not hold."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from data_manifests.schemas.evidence import Hardware
from tests.outside_folder import outside_folder

# Before anything imports MMEngine, which looks for a GPU at once: the numbers that tests expect are the CPU's.
os.environ["CUDA_VISIBLE_DEVICES"] = ""

# A shell lets what it starts in the background ignore Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Each process that runs tests has a machine of its own, as far as the locks of a machine go.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="segrepro-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder of real archives and weights, `<dataset or checkpoint>/<file>`."""
    return outside_folder("SEGREPRO_MIRROR", "mirror of datasets and weights")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or Chrome."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tf32() -> Iterator[tuple[Any, ...]]:
    """The two places where float32 can be rounded on a GPU, both set to round."""
    places = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [place.allow_tf32 for place in places]
    for place in places:
        place.allow_tf32 = True
    yield places
    for place, allowed in zip(places, before, strict=True):
        place.allow_tf32 = allowed


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU as far as choosing it goes; what PyTorch makes there to try it is made on the CPU."""
    ones = torch.ones
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", lambda *size, device=None, **others: ones(*size, **others))
    monkeypatch.setattr("mmengine.device.utils.DEVICE", "cpu")  # put back afterwards
    described = Hardware(device="cuda", name="a simulated GPU", cpu_cores=2, memory_gib=1)
    monkeypatch.setattr("mmseg_plugins.runtime.provenance.hardware", lambda device: described)
    monkeypatch.setattr("mmseg_plugins.runtime.provenance.gpu_software", lambda: {"CUDA": "simulated"})


@pytest.fixture
def two_cores() -> Iterator[None]:
    """As many threads as the CPU needs for two images at once, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a disk in memory with options of tmpfs; with a call `fill` before it can only be read."""
    mounted = []

    def mount(options: str, *, fill: Callable[[Path], object] | None = None) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode:
            pytest.skip("this user may not mount disks")
        mounted.append(folder)
        if fill is not None:
            fill(folder)
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)

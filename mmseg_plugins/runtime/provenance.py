"""The provenance of a measurement: code, config, weights, dataset, packages, hardware and time.

Nothing here imports torch or MMEngine unless it is already loaded, so that scoring starts fast.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING

from data_manifests import loader
from data_manifests.schemas.evidence import Hardware, Provenance
from segrepro.hashes import hash_of_file

from .computing_code import COST, Part, code_sha256, config_files_sha256

if TYPE_CHECKING:
    import torch
    from mmengine.config import Config

CHECKOUT = Path(__file__).resolve().parents[2]
IMPORT_NAMES = ("torch", "torchvision", "mmseg", "mmengine", "mmcv", "numpy", "cv2")
"""Import names of packages that can change a result; the distributions have other names (MMSegmentation has two)."""


def begin_provenance(
    config: Config,
    device: torch.device,
    *,
    dataset: str | None = None,
    weights: Path | None = None,
    part: Part = COST,
    data_sha256: str | None = None,
    baseline: Config | None = None,
) -> Provenance:
    """Records the circumstances of the program that calls it, when it begins; without host name, user name or path.

    Args:
        config: what is measured, before anything in it is changed for this run.
        device: where the network runs.
        dataset: name of the dataset's manifest; None where none is read.
        weights: the file of the network's weights; None where none is read.
        part: which code computes the result.
        data_sha256: of the dataset's images and label maps, as their verification says; None where none is read.
        baseline: of a second network that is measured beside it.

    Returns:
        The provenance for an evidence file, with no duration yet: see `end_provenance`.
    """
    commit, dirty = git_state(CHECKOUT)
    # A config that was put together in a program, as in tests, comes from no file.
    files = [Path(each.filename) for each in (config, baseline) if each is not None and each.filename]
    return Provenance(
        commit=commit,
        dirty=dirty,
        config_sha256=config_sha256(config),
        config_files_sha256=config_files_sha256(files) if files else None,
        code_sha256=code_sha256(files, part) if files else None,
        data_sha256=data_sha256,
        checkpoint_sha256=None if weights is None else hash_of_file(weights),
        dataset_manifest_sha256=None if dataset is None else dataset_manifest_sha256(dataset),
        packages=package_versions(),
        gpu_software=gpu_software() if device.type == "cuda" else {},
        hardware=hardware(device),
        started=datetime.now(UTC),
        duration_s=0,
    )


def end_provenance(begun: Provenance) -> Provenance:
    """The provenance of a program that ends now."""
    return begun.model_copy(update={"duration_s": (datetime.now(UTC) - begun.started).total_seconds()})


def config_sha256(config: Config) -> str:
    """Hashes a config with everything that it inherits; layout and comments of the files do not count."""
    return hashlib.sha256(json.dumps(config.to_dict(), sort_keys=True, default=str).encode()).hexdigest()


def dataset_manifest_sha256(dataset: str) -> str:
    """Hashes the bytes of a dataset's manifest followed by those of its label set."""
    files = (
        loader.ROOT / "datasets" / f"{dataset}.yaml",
        loader.ROOT / "label_sets" / f"{loader.dataset(dataset).label_set}.yaml",
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def git_state(checkout: Path) -> tuple[str | None, bool | None]:
    """Finds the commit of a checkout and whether there are uncommitted changes or new files that git does not ignore.

    Returns:
        Commit and dirty flag; both None where `checkout` is not the top of a git checkout, or git fails.
    """
    if not (checkout / ".git").exists():
        return None, None
    # In a container the checkout often belongs to another user, which git rejects without this option.
    git = ["git", "-C", str(checkout), "-c", f"safe.directory={checkout}"]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None, None
    return commit, bool(changes)


def package_versions() -> dict[str, str]:
    """The versions of the distributions that provide `IMPORT_NAMES`."""
    distributions = packages_distributions()
    return {name: version(name) for package in IMPORT_NAMES for name in sorted(set(distributions.get(package, ())))}


def gpu_software() -> dict[str, str]:
    """The versions of CUDA, cuDNN and the driver of a GPU, without those that are missing or cannot be read."""
    import pynvml
    import torch

    found = {"CUDA": torch.version.cuda, "cuDNN": torch.backends.cudnn.version(), "driver": None}
    try:
        pynvml.nvmlInit()
        found["driver"] = pynvml.nvmlSystemGetDriverVersion()
    except pynvml.NVMLError:  # the library of another maker's GPUs
        pass
    return {name: str(version) for name, version in found.items() if version is not None}


def hardware(device: torch.device) -> Hardware:
    """Describes the machine by the model of its CPU or accelerator."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if device.type == "cuda":
        import torch

        properties = torch.cuda.get_device_properties(device)
        name, memory = properties.name, properties.total_memory
    else:
        name, memory = processor_name(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Hardware(device=device.type, name=name, cpu_cores=cores, memory_gib=round(memory / 2**30, 1))


def processor_name() -> str:
    """The model name of the CPU, or its architecture if the system gives no name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

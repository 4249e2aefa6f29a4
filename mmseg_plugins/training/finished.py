"""A training that was finished before: whether it is the one asked for, and how it is kept if it is not."""

from pathlib import Path

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Run, Training
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file

from .checkpoints import is_whole

OUTDATED = "outdated"
"""Folder beside the weights of a run; each training in it has a folder of its own, named after its weights' sha256."""


def read_finished(weights: Path, evidence: Path) -> Training | None:
    """The record of a finished training, if its weights are those that it tells of."""
    if not (weights.is_file() and evidence.is_file()):
        return None
    try:
        record = evidence_file.read(evidence, Training)
    except SegReproError:
        return None
    return record if hash_of_file(weights) == record.weights_sha256 else None


def differences(
    record: Training, run: Run, config_sha256: str, code_sha256: str, data_sha256: str, pretrained_sha256: str | None
) -> list[str]:
    """What a finished training differs in from one that is asked for, in words; what an older record lacks is none."""
    pairs = {
        "run": (record.run, run),
        "config": (record.provenance.config_sha256, config_sha256),
        "code": (record.provenance.code_sha256 or code_sha256, code_sha256),
        "data": (record.provenance.data_sha256 or data_sha256, data_sha256),
        "earlier stage": (record.pretrained_sha256, pretrained_sha256),
    }
    return [name for name, (before, now) in pairs.items() if before != now]


def keep_beside(weights: Path, evidence: Path) -> Path | None:
    """Moves the whole weights of another training, with their evidence, to where nothing replaces them.

    Returns:
        Their folder; None where there are no weights, or they are damaged.
    """
    if not (weights.is_file() and is_whole(weights)):
        return None
    folder = place_beside(weights)
    folder.mkdir(parents=True, exist_ok=True)
    if evidence.is_file():
        evidence.replace(folder / evidence.name)
    weights.replace(folder / weights.name)
    return folder


def place_beside(weights: Path) -> Path:
    """Where the weights of another training will be kept."""
    return weights.parent / OUTDATED / hash_of_file(weights)[:16]

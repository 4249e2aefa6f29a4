"""Whether a prepared dataset is what its manifest says: counts, pairs, sizes, label values, checksums."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm.contrib.concurrent import thread_map

from data_manifests.errors import SegReproError
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet

from . import sha256

_PROBLEMS_SHOWN = 20

Pixels = NDArray[Any]


def verify(
    manifest: Dataset, labels: LabelSet, data: Path, checksums: Mapping[str, str] | None, threads: int
) -> dict[str, Any]:
    """Checks every image and every public label map of a prepared dataset; each file is read once.

    Args:
        manifest: what is expected.
        labels: the classes whose train ids the label maps may hold, and void.
        data: the prepared dataset.
        checksums: sha256 by path in `data`, if the manifest has a list.
        threads: how many files are checked at a time.

    Returns:
        What was verified: `dataset`, `splits` with the numbers of `images` and `labels` of each, and `files_sha256`,
        the sha256 of the list of all checksums. Equal files give an equal result.

    Raises:
        SegReproError: something differs; says how many problems there are and names the first.
    """
    checks: dict[str, Callable[[Pixels], str | None]] = {}
    counts: dict[str, dict[str, int]] = {}
    problems: list[str] = []
    for name, split in manifest.splits.items():
        images = _matches(data, manifest.layout.images.format(split=name))
        maps = _matches(data, manifest.layout.labels.format(split=name)) if split.labels == "public" else {}
        if len(images) != split.images:
            problems.append(f"{name}: found {len(images)} images; expected {split.images}")
        if split.labels == "public":
            problems += [f"{images[key]}: found no label map for it" for key in sorted(images.keys() - maps.keys())]
            problems += [f"{maps[key]}: found no image for it" for key in sorted(maps.keys() - images.keys())]
        counts[name] = {"images": len(images), "labels": len(maps)}
        checks |= dict.fromkeys(images.values(), partial(_wrong_image, size=manifest.image_size))
        checks |= dict.fromkeys(maps.values(), partial(_wrong_label_map, size=manifest.image_size, labels=labels))

    paths = sorted(checks)
    seen = thread_map(
        lambda path: _inspect(data / path, checks[path]),
        paths,
        max_workers=threads,
        desc=f"verifying {manifest.id}",
        unit="file",
        mininterval=1,
    )
    problems += [f"{path}: {problem}" for path, (_, problem) in zip(paths, seen, strict=True) if problem]
    digests = {path: digest for path, (digest, _) in zip(paths, seen, strict=True)}
    if checksums is not None:
        problems += _unlisted(digests, checksums)
    if problems:
        raise SegReproError(_report(data, problems))
    listing = sha256.format_list(digests)
    return {"dataset": manifest.id, "splits": counts, "files_sha256": hashlib.sha256(listing.encode()).hexdigest()}


def _matches(data: Path, pattern: str) -> dict[tuple[str, ...], str]:
    """The files of a pattern, as paths in `data`, by what stands in place of each `*`."""
    stars = re.compile(re.escape(pattern).replace(r"\*", "([^/]*)"))
    paths = sorted(file.relative_to(data).as_posix() for file in data.glob(pattern))
    return {match.groups(): path for path in paths if (match := stars.fullmatch(path))}


def _inspect(file: Path, wrong: Callable[[Pixels], str | None]) -> tuple[str, str | None]:
    """The sha256 of a file and what is wrong with its pixels, from one reading."""
    content = file.read_bytes()
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # an empty file, or a header that asks for a picture beyond all size
        pixels = None
    problem = "found no readable picture" if pixels is None else wrong(pixels)
    return hashlib.sha256(content).hexdigest(), problem


def _wrong_image(pixels: Pixels, size: tuple[int, int]) -> str | None:
    width, height = size
    return _differs(pixels, (height, width, 3))


def _wrong_label_map(pixels: Pixels, size: tuple[int, int], labels: LabelSet) -> str | None:
    width, height = size
    if problem := _differs(pixels, (height, width)):
        return problem
    allowed = np.zeros(256, bool)
    allowed[: len(labels.classes)] = True
    allowed[labels.void.label] = True
    found = np.bincount(pixels.ravel(), minlength=256) > 0
    if strange := np.flatnonzero(found & ~allowed).tolist():
        return (
            f"found label values {strange}; expected 0 to {len(labels.classes) - 1}, and {labels.void.label} for void"
        )
    return None


def _differs(pixels: Pixels, shape: tuple[int, ...]) -> str | None:
    if pixels.shape == shape and pixels.dtype == np.uint8:
        return None
    return f"found height, width, channels {pixels.shape} of {pixels.dtype}; expected {shape} of uint8"


def _unlisted(digests: Mapping[str, str], checksums: Mapping[str, str]) -> list[str]:
    """What differs between the files found and the list of checksums."""
    problems = [f"{path}: no such file" for path in sorted(checksums.keys() - digests.keys())]
    for path in sorted(digests):
        if path not in checksums:
            problems.append(f"{path}: found in the folder; expected only files that the list of checksums has")
        elif digests[path] != checksums[path]:
            problems.append(f"{path}: found sha256 {digests[path]}; expected {checksums[path]}")
    return problems


def _report(data: Path, problems: list[str]) -> str:
    lines = [f"{data}: {len(problems)} problems:"]
    lines += [f"  {problem}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"  and {len(problems) - _PROBLEMS_SHOWN} more")
    lines.append(f"Next step: remove {data} and prepare it again (workflow/scripts/prepare.py).")
    return "\n".join(lines)

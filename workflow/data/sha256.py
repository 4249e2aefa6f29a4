"""sha256 of streams and files, and lists of it; md5 where nothing better is published."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from data_manifests import loader
from data_manifests.errors import SegReproError
from data_manifests.schemas.dataset import Dataset

_CHUNK = 1 << 20


def byte_bar(total: int, description: str, start: int = 0) -> "tqdm[Any]":
    """Progress of a stream on stderr, from byte `start` on: bytes, rate and time left."""
    return tqdm(
        total=total, initial=start, desc=description, unit="B", unit_scale=True, unit_divisor=1024, mininterval=0.5
    )


def copy_hashed(source: IO[bytes], sink: IO[bytes] | None, bar: "tqdm[Any]", algorithm: str = "sha256") -> str:
    """Reads a stream to its end, copies it if there is a sink, and hashes it in the same pass.

    Returns:
        The hash of everything read, in hexadecimal.
    """
    digest = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        if sink is not None:
            sink.write(chunk)
        bar.update(len(chunk))
    return digest.hexdigest()


def of_file(path: Path, algorithm: str = "sha256") -> str:
    """The hash of a file in hexadecimal, with a progress bar."""
    with path.open("rb") as file, byte_bar(path.stat().st_size, f"checking {path.name}") as bar:
        return copy_hashed(file, None, bar, algorithm)


def listed_for(manifest: Dataset) -> dict[str, str] | None:
    """The list of checksums beside a manifest, by path in the prepared dataset; None if the manifest has none."""
    return read_list(loader.ROOT / "datasets" / manifest.checksums) if manifest.checksums else None


def read_list(path: Path) -> dict[str, str]:
    """Reads a list in the format of `sha256sum`.

    Returns:
        From path, as listed, to sha256.

    Raises:
        SegReproError: a line is no checksum followed by a path.
    """
    listed = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if len(digest) != 64 or not separator or not name:
            raise SegReproError(f"{path}, line {number}: found {line!r}; expected: sha256, two spaces, path")
        listed[name] = digest
    return listed


def format_list(digests: Mapping[str, str]) -> str:
    """The list that `sha256sum -c` reads, sorted by path."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))

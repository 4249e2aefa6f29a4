"""Hashes of streams and files: sha256, or sha1 or md5 where nothing better is published."""

import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

_CHUNK = 1 << 20


def hash_of_file(path: Path, algorithm: str = "sha256", with_progress: bool = False) -> str:
    """Hashes the bytes of a file.

    Args:
        path: the file.
        algorithm: a name that hashlib knows.
        with_progress: whether to show a progress bar on stderr.

    Returns:
        The hash in hexadecimal.
    """
    with path.open("rb") as file:
        if not with_progress:
            return hashlib.file_digest(file, partial(_new, algorithm)).hexdigest()
        with byte_bar(path.stat().st_size, f"checking {path.name}") as bar:
            return copy_hashed(file, None, bar, algorithm)


def hash_of_hashes(hashes: Iterable[str]) -> str:
    """What stands for several files in their order: the sha256 of their hashes, in hexadecimal."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def copy_hashed(source: IO[bytes], sink: IO[bytes] | None, bar: "tqdm[Any]", algorithm: str = "sha256") -> str:
    """Reads a stream to its end, copies it if there is a sink, and hashes it in the same pass.

    Returns:
        The hash of everything read, in hexadecimal.
    """
    digest = _new(algorithm)
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        if sink is not None:
            sink.write(chunk)
        bar.update(len(chunk))
    return digest.hexdigest()


def _new(algorithm: str) -> "hashlib._Hash":
    return hashlib.new(algorithm, usedforsecurity=algorithm == "sha256")


def byte_bar(total: int, description: str, start: int = 0, with_progress: bool = True) -> "tqdm[Any]":
    """Progress bar of a stream on stderr, starting at byte `start`: bytes, rate and time left."""
    return tqdm(
        total=total,
        initial=start,
        desc=description,
        unit="B",
        unit_scale=True,
        unit_divisor=1024,
        mininterval=0.5,
        disable=not with_progress,
    )

"""Hashes of files that have not changed since they were last read, so that looking for changes is quick."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path

from .atomic import atomic_write
from .hashes import hash_of_file

LARGE = 2**24
"""Bytes that several threads read sooner than one."""

Marks = tuple[int, int, int]
"""Of a file: bytes, and the times in ns when its content and when anything about it was last changed.

Programs can set the first time, but not the second.
"""


class KnownHashes:
    """The sha256 of files, kept in a file of their own between runs; without it, all are read again."""

    def __init__(self, kept_in: Path | None):
        """Takes up what an earlier run kept, if it is to be kept; a damaged file is as good as none."""
        self._kept_in = kept_in
        self._known: dict[str, tuple[Marks, str]] = {}
        self._changed = False
        if kept_in is not None and kept_in.is_file():
            with suppress(ValueError, TypeError, AttributeError):
                content = json.loads(kept_in.read_text(encoding="utf-8"))
                self._known = {name: ((a, b, c), digest) for name, (a, b, c, digest) in content.items()}

    def of(self, files: Sequence[Path]) -> dict[Path, str]:
        """The sha256 of each file; those with other marks than when they were last read are read, several at a time.

        Raises:
            OSError: a file is not there or cannot be read.
        """
        changed = {file: marks_of(file) for file in self.changed(files)}
        # A plan asks thousands of times for a few small files, and threads take longer to start than to read those.
        several = sum(size for size, *_ in changed.values()) > LARGE
        with ThreadPoolExecutor(os.cpu_count()) if several else nullcontext() as threads:
            digests = threads.map(hash_of_file, changed) if threads else map(hash_of_file, changed)
            for (file, marks), digest in zip(changed.items(), digests, strict=True):
                self.learn(file, marks, digest)
        return {file: self._known[str(file)][1] for file in files}

    def changed(self, files: Sequence[Path]) -> list[Path]:
        """Those files whose hashes are not known."""
        return [file for file in files if self._known.get(str(file), (None,))[0] != marks_of(file)]

    def learn(self, file: Path, marks: Marks, digest: str) -> None:
        """Takes up the sha256 of a file that was just read, and its marks before that."""
        self._known[str(file)] = (marks, digest)
        self._changed = True

    def keep(self) -> None:
        """Writes what is known, if there is anything new. A disk that does not take it costs time alone."""
        if self._changed and self._kept_in is not None:
            content = {name: (*marks, digest) for name, (marks, digest) in sorted(self._known.items())}
            with suppress(OSError):
                atomic_write(self._kept_in, json.dumps(content, indent=0), suffix=f".{os.getpid()}.partial")
            self._changed = False


def marks_of(file: Path) -> Marks:
    """The marks of a file, which tell that it has changed; those of the target where it is a link."""
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns

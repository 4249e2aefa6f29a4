"""An answer that took long to find, kept between processes for as long as what it was found in stays the same."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .atomic import atomic_write


def kept(file: Path, sources: Iterable[Path], find: Callable[[], Any]) -> Any:
    """Finds an answer, or takes up what an earlier process found in the same sources.

    Args:
        file: where the answer is kept. A damaged file is as good as none, and a disk that takes none costs time alone.
        sources: all files that decide the answer, the code that finds it among them, in any order. Content counts.
        find: gives the answer: what JSON can hold, with lists for tuples.
    """
    by = hashlib.sha256(b"\0".join(source.read_bytes() for source in sorted(sources))).hexdigest()
    with suppress(OSError, ValueError, TypeError, KeyError):
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["by"] == by:
            return content["answer"]
    answer = find()
    with suppress(OSError):
        atomic_write(file, json.dumps({"by": by, "answer": answer}), suffix=f".{os.getpid()}.partial")
    return answer

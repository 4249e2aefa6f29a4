"""Evidence as files: JSON that carries the sha256 of its own content, so that no changed digit goes unnoticed."""

import hashlib
import re
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from segrepro.atomic import atomic_write
from segrepro.errors import SegReproError

from . import loader

Schema = TypeVar("Schema", bound=BaseModel)

_SEAL = re.compile(r'\A\{\n "content_sha256": "(.*)",\n')
"""The first field, in a line of its own. `grep -v '^ "content_sha256"' FILE | sha256sum` gives what it must say."""


def write(path: Path, record: BaseModel) -> None:
    """Writes one evidence file, whole or not at all; creates its folder.

    Raises:
        OSError: it cannot be written; an existing file then stays unchanged.
    """
    atomic_write(path, sealed(record.model_dump_json(indent=1) + "\n"))


def read(path: Path, schema: type[Schema]) -> Schema:
    """Reads one evidence file.

    Args:
        path: as `write` left it; text that was checked out with other line ends is the same.
        schema: the pydantic model that it must satisfy.

    Raises:
        SegReproError: the file is missing, holds something else than what was written, or breaks the schema.
    """
    text = loader.text_of(path)
    seal, content = _SEAL.match(text), _SEAL.sub("{\n", text)
    found, expected = seal[1] if seal else "none", _digest(content)
    if found != expected:
        raise SegReproError(
            f"{path}: content_sha256: found {found}; expected {expected}, the sha256 of all other lines: the file is"
            " damaged, or was changed after it was written"
        )
    return loader.parsed(content, schema, path)


def sealed(text: str) -> str:
    """Puts the sha256 of a JSON object at its beginning, in place of an older one.

    Args:
        text: the object, indented by one space.
    """
    content = _SEAL.sub("{\n", text)
    seal = f' "content_sha256": "{_digest(content)}",\n'
    return content[:2] + seal + content[2:]


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()

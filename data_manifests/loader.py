"""Reads manifests and evidence, and says what is wrong with them in terms of the file."""

import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .errors import SegReproError
from .schemas.checkpoint import CheckpointCollection
from .schemas.dataset import Dataset
from .schemas.label_set import LabelSet
from .schemas.protocol import Protocol
from .schemas.suite import Suite

ROOT = Path(__file__).resolve().parent
Schema = TypeVar("Schema", bound=BaseModel)


def read(path: Path, schema: type[Schema]) -> Schema:
    """Reads one YAML or JSON file.

    Args:
        path: a `.yaml` or `.json` file.
        schema: the pydantic model that it must satisfy.

    Returns:
        The validated record.

    Raises:
        SegReproError: the file is missing, is not valid YAML or JSON, or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob(f"*{path.suffix}"))) or "none"
        raise SegReproError(f"{path}: no such file; beside it are: {known}") from None
    try:
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise SegReproError(f"{path}: not valid {path.suffix[1:].upper()}: {error}") from None
    return validate(content, schema, path)


def validate(content: Any, schema: type[Schema], source: Path | str) -> Schema:
    """Checks plain data against a schema; `source` names it in the message.

    Raises:
        SegReproError: one line for each field that is wrong, with what was found and what was expected.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        lines = []
        for e in error.errors():
            field = ".".join(str(part) for part in e["loc"]) or "(whole file)"
            found = "nothing" if e["type"] == "missing" else _shortened(e["input"])
            lines.append(f"  {field}: found {found}; expected: {_expectation(e)}")
        raise SegReproError(f"{source}: does not fit the schema {schema.__name__}\n" + "\n".join(lines)) from None


def _expectation(error: Any) -> str:
    if error["type"] == "missing":
        return "this field, which is required"
    if error["type"] == "extra_forbidden":
        return "no such field (misspelt?)"
    return error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def dataset(name: str) -> Dataset:
    """The manifest of one dataset."""
    return read(ROOT / "datasets" / f"{name}.yaml", Dataset)


def label_set(name: str) -> LabelSet:
    """The classes of one label set."""
    return read(ROOT / "label_sets" / f"{name}.yaml", LabelSet)


def checkpoint_collections() -> dict[str, CheckpointCollection]:
    """Every collection of published weights, by its id."""
    found = (read(path, CheckpointCollection) for path in sorted((ROOT / "checkpoints").glob("*.yaml")))
    return {c.id: c for c in found}


def protocols() -> dict[str, Protocol]:
    """Every scoring protocol, by its id."""
    return {p.id: p for p in (read(path, Protocol) for path in sorted((ROOT / "protocols").glob("*.yaml")))}


def suite(path: Path) -> Suite:
    """The suite file."""
    return read(path, Suite)

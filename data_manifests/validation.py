"""Validates data; errors name the file and the field that are wrong."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from segrepro.errors import SegReproError

Schema = TypeVar("Schema", bound=BaseModel)


def validate(content: Any, schema: type[Schema], source: Path | str) -> Schema:
    """Checks plain data against a schema; `source` names it in the message.

    Raises:
        SegReproError: one line for each field that is wrong, with what was found and what was expected.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        # A field with several allowed types gives one error for each type; they are combined into one line.
        found: dict[str, str] = {}
        expected: dict[str, list[str]] = {}
        for e in error.errors():
            field = _field(e, content)
            found[field] = _found(e)
            expected.setdefault(field, []).append(_expectation(e, schema))
        lines = [f"  {field}: found {found[field]}; expected: {' or '.join(expected[field])}" for field in found]
        raise SegReproError(f"{source}: does not fit the schema {schema.__name__}\n" + "\n".join(lines)) from None


def _field(error: ErrorDetails, content: Any) -> str:
    """Path of the field in the file; items of a list are named by their id, file or name."""
    path, here = "", content
    for part in error["loc"]:
        if isinstance(here, dict) and part in here:
            here = here[part]
            path += f".{part}"
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
            names = [here[key] for key in ("id", "file", "name") if key in here] if isinstance(here, dict) else []
            path += f"[{names[0] if names else part}]"
        elif error["type"] == "missing":
            path += f".{part}"
        # The remaining parts are pydantic's names for the alternatives of a type, which are not in the file.
    return path.removeprefix(".") or "(whole file)"


def _found(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "nothing"
    text = repr(error["input"])
    return text if len(text) <= 80 else text[:77] + "..."


def _expectation(error: ErrorDetails, schema: type[BaseModel]) -> str:
    if error["type"] == "missing":
        return "this field, which is required"
    if error["type"] == "model_type":
        return "a mapping of field names to values"
    if error["type"] == "extra_forbidden":
        similar = get_close_matches(str(error["loc"][-1]), _field_names(schema), n=1)
        return "no such field" + (f"; did you mean `{similar[0]}`?" if similar else "")
    return error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _field_names(schema: type[BaseModel]) -> list[str]:
    exported = schema.model_json_schema()
    return [name for part in (exported, *exported.get("$defs", {}).values()) for name in part.get("properties", {})]

"""Evidence that is committed for others: where it lies, and what must hold of it."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from data_manifests.schemas.evidence import Difference, Provenance

from .evidence import Record, SideBySide, machine

# As they stand alone, in quotation marks or after a colon; an address of the web is none.
_ABSOLUTE_PATH = re.compile(r"""(?<![\w/.])(?:file://)?/[\w.~-]+(?:/[\w.~-]+)+|\b[A-Za-z]:\\\S+|~\w*/\S+""")


def place(record: Record) -> Path:
    """Where a record lies below `reports/measurements`.

    Returns:
        `<hardware>/<dataset>/<model>/<route>/seed<k>/<kind>.json`, or `<hardware>/<dataset>/comparisons/<id>.json` for
        two models side by side.
    """
    hardware = slug(machine(record.provenance))
    if isinstance(record, SideBySide):
        return Path(hardware, record.dataset, "comparisons", f"{record.id}.json")
    run = record.run
    return Path(hardware, run.dataset, run.model, run.route, f"seed{run.seed}", f"{record.kind}.json")


def slug(machine: str) -> str:
    """A machine's name as that of a folder: `AMD EPYC (2 cores)` is `amd-epyc-2-cores`."""
    without_marks = re.sub(r"\((?:r|tm|c)\)", " ", machine.lower())
    return re.sub(r"[^a-z0-9]+", "-", without_marks).strip("-")


def objections(record: Record, private: Collection[str] = ()) -> list[str]:
    """Lists why a record must not be committed; empty where it may.

    Args:
        record: one file of evidence.
        private: names of the machine and the person who measured, which must not be published. They are not looked for
            in the name of the hardware, which comes from its maker.

    Returns:
        For each reason: field, what was found, what was expected.
    """
    found = []
    for name, provenance in _provenances(record):
        if provenance.commit is None:
            found.append(f"{name}.commit: found none; expected the commit of the code that measured")
        elif provenance.dirty is not False:
            found.append(
                f"{name}.dirty: found {str(provenance.dirty).lower()}; expected false: the commit"
                f" {provenance.commit[:7]} alone does not say which code measured, so nobody could measure it again"
            )
    names = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for name in private if name]
    for field, text in _texts(record.model_dump(mode="json")):
        if path := _ABSOLUTE_PATH.search(text):
            found.append(f"{field}: found the path {path[0]}; expected no path of the machine that measured")
        if not field.endswith("hardware.name") and any(name.search(text) for name in names):
            found.append(f"{field}: found {text!r}; expected no name of a machine or a person")
    return found


def _provenances(record: Record) -> Iterator[tuple[str, Provenance]]:
    yield "provenance", record.provenance
    if isinstance(record, Difference):
        yield "baseline_provenance", record.baseline_provenance


def _texts(content: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in nested mappings and lists, keys of mappings included, with the field that it stands in."""
    match content:
        case str():
            yield field, content
        case dict():
            for key, value in content.items():
                inner = f"{field}.{key}" if field else str(key)
                yield inner, str(key)
                yield from _texts(value, inner)
        case list():
            for i, value in enumerate(content):
                yield from _texts(value, f"{field}[{i}]")

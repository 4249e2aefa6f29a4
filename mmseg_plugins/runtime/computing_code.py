"""Digests of the code and the config that compute a result; comments, docstrings and layout do not count.

Files are read and never run, so that a plan of the workflow can compare them without PyTorch.
"""

import ast
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from segrepro.atomic import atomic_write
from segrepro.known_hashes import Marks, marks_of

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = Path("mmseg_plugins")
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)


class Part(NamedTuple):
    """Which code computes one kind of result."""

    rooms: tuple[str, ...]
    """Packages of `mmseg_plugins` whose classes count if a config names them."""
    modules: tuple[str, ...] = ()
    """Modules that count with every config."""
    beside: tuple[str, ...] = ()
    """Modules that count if they lie beside one of those classes."""


class Source(NamedTuple):
    """What the text of a Python file says."""

    normalised: str
    """The same for every version of Python that can read it."""
    names: Sequence[str]
    """Texts in it that could be the name of a class."""
    imports: Sequence[tuple[str | None, int, Sequence[str]]]
    """Of each import: module, number of dots before it, and names."""
    bases: Sequence[str]
    """What it names in `_base_`."""


# By the sha256 of a text: what this process found, and what an earlier one did with the same code.
_found: dict[str, Source] = {}
_earlier: dict[str, Source] = {}
_THIS = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()

TRAINING = Part(("networks", "datasets", "training"))
PREDICTION = Part(("networks", "datasets"), ("evaluation/predict.py", "evaluation/split.py"))
COST = Part(("networks",))
CONVERSION = Part(("networks",), ("networks/official_weights.py", "networks/training_only.py"), ("key_map.py",))
SCORING = Part((), tuple(f"evaluation/{module}.py" for module in ("bootstrap", "counts", "counts_file", "scores")))
INITIALISATION = Part(("networks",), ("training/initial_model.py",))


def config_files(config: Path) -> tuple[Path, ...]:
    """Lists a config and, depth first, every file of the project that it names in `_base_`.

    Args:
        config: a Python config file; an absolute path.

    Returns:
        Absolute paths, the config itself first, each file once. Bases from an installed library (`mmseg::...`) are left
        out.
    """
    files = [config]
    for base in _bases(config, marks_of(config)):
        files += [file for file in config_files(base) if file not in files]
    return tuple(files)


@cache
def _bases(config: Path, marks: Marks) -> tuple[Path, ...]:
    return tuple((config.parent / base).resolve() for base in _source_at(config, marks).bases if "::" not in base)


def config_files_sha256(configs: Iterable[Path]) -> str:
    """Hashes what the files of configs say: each, then depth first those of the project in its `_base_`."""
    return _digest(file for config in configs for file in config_files(config.absolute()))


def code_sha256(configs: Iterable[Path], part: Part, project: Path = PROJECT) -> str:
    """Hashes the code that computes a result.

    It is that of the classes that the configs name, and all modules of `mmseg_plugins` that those import. What only
    shows how far a training is, and the programs of the workflow, are named by no config and do not count.

    Args:
        configs: MMSegmentation configs.
        part: what is computed.
        project: the checkout with the package `mmseg_plugins`.
    """
    known = _classes(project)
    named = {text for config in configs for file in config_files(config.absolute()) for text in _source_of(file).names}
    rooms = [project / PACKAGE / room for room in part.rooms]
    roots = {file for name in named for file in known.get(name, ()) if any(room in file.parents for room in rooms)}
    roots |= {module for root in roots for name in part.beside if (module := root.with_name(name)).is_file()}
    return _digest(imported(roots | {project / PACKAGE / module for module in part.modules}, project))


def imported(roots: Iterable[Path], project: Path = PROJECT) -> list[Path]:
    """Lists files and every module of `mmseg_plugins` that they import, directly or not, without `runtime`, sorted.

    A class that a text in them names, as configs do, counts as imported.
    """
    found: set[Path] = set()
    queue = set(roots)
    while queue:
        file = queue.pop()
        found.add(file)
        queue |= _imports(file, marks_of(file), project) - found
    return sorted(found)


def digest_of_files(files: Iterable[Path]) -> str:
    """Hashes what Python files compute, in their order."""
    return _digest(files)


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256("".join(_source_of(file).normalised for file in files).encode()).hexdigest()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _parsed(text: str) -> ast.Module:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A docstring, or a text that says what the assignment before it is about.
            node.body = [each for each in node.body if not _is_text(each)]
    return tree


def take_up(kept_in: Path) -> None:
    """Takes up what an earlier process found, so that nothing is parsed again; a damaged file is as good as none."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        content = json.loads(kept_in.read_text(encoding="utf-8"))
        if content["by"] == _THIS:
            _earlier.update({digest: Source(*found) for digest, found in content["sources"].items()})


def keep(kept_in: Path) -> None:
    """Writes what this process found, if there is anything new. A disk that does not take it costs time alone."""
    if _found.keys() - _earlier.keys():
        with suppress(OSError):
            content = json.dumps({"by": _THIS, "sources": _found})
            atomic_write(kept_in, content, suffix=f".{os.getpid()}.partial")


def _source_of(file: Path) -> Source:
    return _source_at(file, marks_of(file))


@cache
def _source_at(file: Path, marks: Marks) -> Source:  # within a process, other content has other marks
    text = _text(file)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest not in _found:
        _found[digest] = _earlier[digest] if digest in _earlier else _read(text)
    return _found[digest]


def _read(text: str) -> Source:
    names: set[str] = set()
    imports: list[tuple[str | None, int, list[str]]] = []
    for node in ast.walk(_parsed(text)):
        if isinstance(node, ast.Import):
            imports.append((None, 0, [alias.name for alias in node.names]))
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.module, node.level, [alias.name for alias in node.names]))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            names.add(node.value)
    return Source(json.dumps(_plain(_parsed(text))), sorted(names), imports, _stated_bases(_parsed(text)))


def _stated_bases(tree: ast.Module) -> list[str]:
    bases: list[str] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_base_" for target in statement.targets
        ):
            named = ast.literal_eval(statement.value)
            bases += [named] if isinstance(named, str) else named
    return bases


def _plain(node: Any) -> Any:
    if isinstance(node, ast.JoinedStr):
        # Some versions put empty texts between the parts.
        node = ast.JoinedStr([part for part in node.values if getattr(part, "value", None) != ""])
    if isinstance(node, ast.AST):
        fields = {name: _plain(value) for name, value in ast.iter_fields(node) if value not in (None, [])}
        return [type(node).__name__, {k: v for k, v in fields.items() if k not in ("ctx", "kind", "type_comment")}]
    if isinstance(node, list):
        return [_plain(each) for each in node]
    return node if isinstance(node, str | int) else repr(node)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def _classes(project: Path) -> dict[str, tuple[Path, ...]]:
    """The files of the package that define a class, by its name."""
    found: dict[str, tuple[Path, ...]] = {}
    for file in sorted((project / PACKAGE).rglob("*.py")):
        if "configs" not in file.relative_to(project).parts:
            for name in _CLASS.findall(_text(file)):
                found[name] = (*found.get(name, ()), file)
    return found


@cache
def _imports(file: Path, marks: Marks, project: Path) -> frozenset[Path]:
    """The modules of the package that one file imports, or names classes of."""
    here = file.parent.relative_to(project).parts if file.is_relative_to(project) else ()
    known = _classes(project)
    source = _source_at(file, marks)
    found = {other for name in source.names for other in known.get(name, ())}
    for stated, level, names in source.imports:
        if stated is not None or level:
            folder = here[: len(here) + 1 - level] if level else ()
            module = ".".join((*folder, *([stated] if stated else [])))
            names = [module, *(f"{module}.{name}" for name in names)]
        for name in names:
            module_file = project / Path(*name.split("."))
            if name.startswith(f"{PACKAGE}."):
                found |= {
                    path for path in (module_file.with_suffix(".py"), module_file / "__init__.py") if path.is_file()
                }
    runtime = project / PACKAGE / "runtime"
    # The file of a package lists what it holds; only what is imported from there by name counts, which is followed.
    return frozenset(other for other in found if runtime not in other.parents and not _only_lists(other))


def _only_lists(file: Path) -> bool:
    return file.name == "__init__.py" and not _CLASS.search(_text(file))

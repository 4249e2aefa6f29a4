"""Digests of the code and the config that compute a result; comments, docstrings and layout do not count.

Files are read and never run, so that a plan of the workflow can compare them without PyTorch.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = Path("mmseg_plugins")
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)


class Part(NamedTuple):
    """Which code computes one kind of result."""

    rooms: tuple[str, ...]
    """Packages of `mmseg_plugins` whose classes count if a config names them."""
    modules: tuple[str, ...] = ()
    """Modules that count with every config."""


TRAINING = Part(("networks", "datasets", "training"))
PREDICTION = Part(("networks", "datasets"), ("evaluation/predict.py", "evaluation/split.py"))
COST = Part(("networks",))


def config_files(config: Path) -> tuple[Path, ...]:
    """Lists a config and, depth first, every file of the project that it names in `_base_`.

    Args:
        config: a Python config file; an absolute path.

    Returns:
        Absolute paths, the config itself first, each file once. Bases from an installed library (`mmseg::...`) are left
        out.
    """
    files = [config]
    for statement in _tree(config).body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_base_" for target in statement.targets
        ):
            named = ast.literal_eval(statement.value)
            for base in [named] if isinstance(named, str) else named:
                if "::" not in base:
                    files += [file for file in config_files((config.parent / base).resolve()) if file not in files]
    return tuple(files)


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
    named = {text for config in configs for file in config_files(config.absolute()) for text in _texts(file)}
    rooms = [project / PACKAGE / room for room in part.rooms]
    roots = {file for name in named for file in known.get(name, ()) if any(room in file.parents for room in rooms)}
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
        queue |= _imports(file, project) - found
    return sorted(found)


def digest_of_files(files: Iterable[Path]) -> str:
    """Hashes what Python files compute, in their order."""
    return _digest(files)


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256("".join(_normalised(file.read_text(encoding="utf-8")) for file in files).encode()).hexdigest()


def _tree(file: Path) -> ast.Module:
    return _parsed(file.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A docstring, or a text that says what the assignment before it is about.
            node.body = [each for each in node.body if not _is_text(each)]
    return tree


@cache
def _normalised(text: str) -> str:
    """What a file says, the same for every version of Python that can read it."""
    return json.dumps(_plain(_parsed(text)))


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


def _texts(file: Path) -> frozenset[str]:
    """All texts in a file that could be the name of a class."""
    return _named(file.read_text(encoding="utf-8"))[0]


@cache
def _named(text: str) -> tuple[frozenset[str], tuple[ast.Import | ast.ImportFrom, ...]]:
    """The texts in a source that could be names, and what it imports."""
    texts, imports = set(), []
    for node in ast.walk(_parsed(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            texts.add(node.value)
    return frozenset(texts), tuple(imports)


@cache
def _classes(project: Path) -> dict[str, tuple[Path, ...]]:
    """The files of the package that define a class, by its name."""
    found: dict[str, tuple[Path, ...]] = {}
    for file in sorted((project / PACKAGE).rglob("*.py")):
        if "configs" not in file.relative_to(project).parts:
            for name in _CLASS.findall(file.read_text(encoding="utf-8")):
                found[name] = (*found.get(name, ()), file)
    return found


def _imports(file: Path, project: Path) -> set[Path]:
    """The modules of the package that one file imports, or names classes of."""
    here = file.parent.relative_to(project).parts if file.is_relative_to(project) else ()
    known = _classes(project)
    texts, imports = _named(file.read_text(encoding="utf-8"))
    found = {other for text in texts for other in known.get(text, ())}
    for node in imports:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            folder = here[: len(here) + 1 - node.level] if node.level else ()
            module = ".".join((*folder, *([node.module] if node.module else [])))
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        for name in names:
            module_file = project / Path(*name.split("."))
            if name.startswith(f"{PACKAGE}."):
                found |= {
                    path for path in (module_file.with_suffix(".py"), module_file / "__init__.py") if path.is_file()
                }
    runtime = project / PACKAGE / "runtime"
    # The file of a package lists what it holds; only what is imported from there by name counts, which is followed.
    return {other for other in found if runtime not in other.parents and not _only_lists(other)}


def _only_lists(file: Path) -> bool:
    return file.name == "__init__.py" and not _CLASS.search(file.read_text(encoding="utf-8"))

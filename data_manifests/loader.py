"""Reads and validates manifests and evidence; errors name the file and the field that are wrong."""

import json
from collections.abc import Collection, Hashable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from data_manifests.schemas.arithmetic import Arithmetic, Printed, PrintedClasses, leaves
from data_manifests.schemas.checkpoint import CheckpointCollection
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.finding import Findings
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.paper import Paper
from data_manifests.schemas.protocol import Protocol
from data_manifests.schemas.recipe import Recipe, RecipeFamily
from data_manifests.schemas.suite import Report, Stage, Suite
from segrepro.errors import SegReproError

from .claims import expand
from .validation import validate

ROOT = Path(__file__).resolve().parent
Schema = TypeVar("Schema", bound=BaseModel)
Manifest = TypeVar(
    "Manifest", Arithmetic, CheckpointCollection, Dataset, Findings, LabelSet, Paper, Protocol, RecipeFamily
)


class _UniqueKeyLoader(yaml.CSafeLoader):
    """Rejects repeated keys; PyYAML would silently keep the last one, and a fact would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if repeated := [key for key, _ in node.value if keys.count(key.value) > 1]:
            problem = f"found the key {repeated[-1].value!r} twice; expected: once"
            raise yaml.constructor.ConstructorError(None, None, problem, repeated[-1].start_mark)
        return super().construct_mapping(node, deep)


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
    return parsed(text_of(path), schema, path)


def text_of(path: Path) -> str:
    """Reads a text file.

    Raises:
        SegReproError: the file is missing or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob(f"*{path.suffix}"))) or "none"
        raise SegReproError(f"{path}: no such file; found in the same folder: {known}") from None
    except UnicodeDecodeError as error:
        raise SegReproError(f"{path}: found {error.reason} at byte {error.start}; expected: UTF-8 text") from None


def parsed(text: str, schema: type[Schema], path: Path) -> Schema:
    """Checks the text of a YAML or JSON file.

    Args:
        text: what the file holds.
        schema: the pydantic model that it must satisfy.
        path: the file; its ending says which of the two it is.

    Raises:
        SegReproError: the text is not valid YAML or JSON, or breaks the schema.
    """
    if path.suffix == ".json":
        # Several times faster than the code below, which explains what is wrong with a file.
        with suppress(ValidationError):
            return schema.model_validate_json(text)
    try:
        # The loader is a subclass of PyYAML's safe loader.
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise SegReproError(f"{path}: not valid {path.suffix[1:].upper()}: {error}") from None
    return validate(content, schema, path)


def _manifest(path: Path, schema: type[Manifest]) -> Manifest:
    manifest: Manifest = _once_parsed(text_of(path), schema, path)
    if manifest.id != path.stem:
        raise SegReproError(f"{path}: id: found {manifest.id!r}; expected: {path.stem!r}, as the file is named")
    return manifest


@cache
def _once_parsed(text: str, schema: type[Any], path: Path) -> Any:
    """As `parsed`. A plan asks for the same facts for every run; the same text is parsed once."""
    return parsed(text, schema, path)


@cache
def _once_expanded(text: str, path: Path) -> tuple[Claim, ...]:
    """The claims of a paper; as `_once_parsed`."""
    return expand(_once_parsed(text, Paper, path), path)


def _manifests(folder: str, schema: type[Manifest]) -> dict[str, Manifest]:
    return {path.stem: _manifest(path, schema) for path in sorted((ROOT / folder).glob("*.yaml"))}


def dataset(name: str) -> Dataset:
    """The manifest of one dataset."""
    return _manifest(ROOT / "datasets" / f"{name}.yaml", Dataset)


def datasets() -> dict[str, Dataset]:
    """The manifest of every dataset, by its id."""
    return _manifests("datasets", Dataset)


def label_set(name: str) -> LabelSet:
    """The classes of one label set."""
    return _manifest(ROOT / "label_sets" / f"{name}.yaml", LabelSet)


def label_set_of(dataset_name: str) -> LabelSet:
    """The classes that a dataset is labelled with."""
    return label_set(dataset(dataset_name).label_set)


def checkpoint_collections() -> dict[str, CheckpointCollection]:
    """Every collection of published weights, by its id."""
    return _manifests("checkpoints", CheckpointCollection)


def protocols() -> dict[str, Protocol]:
    """Every scoring protocol, by its id."""
    return _manifests("protocols", Protocol)


def recipes() -> dict[str, Recipe]:
    """What every training whose sources are stated sets, by `<dataset>/<model>`.

    Raises:
        SegReproError: two families state the same training, or one starts from a training that none states.
    """
    found: dict[str, Recipe] = {}
    for name, family in _manifests("recipes", RecipeFamily).items():
        file = ROOT / "recipes" / f"{name}.yaml"
        stated = family.recipes()
        if doubled := sorted(found.keys() & stated.keys()):
            raise SegReproError(f"{file}: found {doubled[0]}, which another file states as well; expected it in one")
        found |= stated
    for recipe in found.values():
        if recipe.earlier is not None and recipe.earlier not in found:
            raise SegReproError(
                f"{ROOT / 'recipes'}: {recipe.training}: found {recipe.earlier} as what it starts from; expected a"
                " training that one of the files states. Add it"
            )
    return found


def papers() -> dict[str, Paper]:
    """Every paper, by its id."""
    return _manifests("papers", Paper)


def claims() -> tuple[Claim, ...]:
    """Every number of every paper, in the order of the manifests."""
    paths = [ROOT / "papers" / f"{paper}.yaml" for paper in papers()]
    return tuple(claim for path in paths for claim in _once_expanded(text_of(path), path))


def arithmetic() -> dict[str, Arithmetic]:
    """What follows from other numbers, by paper.

    Raises:
        SegReproError: a file names a paper, a claim or a table's row that there is not.
    """
    found = _manifests("arithmetic", Arithmetic)
    papers_of = {claim.id: claim.paper for claim in claims()}
    named = papers_of.keys()
    rows = {name.partition(".iou.")[0] for name in named if ".iou." in name}
    for name, manifest in found.items():
        file = ROOT / "arithmetic" / f"{name}.yaml"
        _require(name, set(papers_of.values()), f"{file}: id")
        for check in manifest.checks:
            _require(check.claim, named, f"{file}: checks: claim")
            for case in (*check.cases, *check.beside):
                for leaf in leaves(case.formula):
                    if isinstance(leaf, Printed):
                        _require(leaf.claim, named, f"{file}: {check.claim}: {case.what}: claim")
                    elif isinstance(leaf, PrintedClasses):
                        _require(leaf.classes, rows, f"{file}: {check.claim}: {case.what}: classes")
    return found


def findings() -> dict[str, Findings]:
    """What a reader must know about the numbers, by paper.

    Raises:
        SegReproError: a file names a paper, a claim or a topic that there is not.
    """
    found = _manifests("findings", Findings)
    named = {claim.id for claim in claims()}
    topics = {paper.id: {ambiguity.topic for ambiguity in paper.ambiguities} for paper in papers().values()}
    for name, manifest in found.items():
        file = ROOT / "findings" / f"{name}.yaml"
        _require(name, topics, f"{file}: id")
        for finding in manifest.findings:
            for claim in finding.claims:
                _require(claim, named, f"{file}: {finding.id}: claims")
            for topic in finding.topics:
                _require(topic, topics[name], f"{file}: {finding.id}: topics")
    return found


def _require(name: str, known: Collection[str], where: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=3) or sorted(known)[:3]
        raise SegReproError(f"{where}: found {name!r}; expected one such as {', '.join(near)}. Correct it")


def suite(path: Path) -> Suite:
    """The suite file, with the reports in the folder `reports` next to it."""
    return with_reports(read(path, Suite), path.parent / "reports")


def with_reports(suite: Suite, folder: Path) -> Suite:
    """Adds the reports. Each has its own file, so that a new report changes no other file.

    Args:
        suite: the suite file's content.
        folder: of `<report>.yaml`.

    Raises:
        SegReproError: a file breaks its schema, the suite file itself holds reports, or two reports plan comparisons
            of one id in different stages.
    """
    if suite.reports:
        raise SegReproError(
            f"{folder.parent / 'suite.yaml'}: reports: found {', '.join(suite.reports)}; expected none here. Write "
            f"each to {folder}/<report>.yaml"
        )
    reports = {p.stem: read(p, Report) for p in sorted(folder.glob("*.yaml"))}
    _require_one_stage(reports, folder)
    return suite.model_copy(update={"reports": reports})


def _require_one_stage(reports: Mapping[str, Report], folder: Path) -> None:
    """The workflow decides by a comparison's id which rule makes it."""
    first: dict[str, tuple[str, Stage]] = {}
    for name, report in reports.items():
        for comparison in report.comparisons:
            other, stage = first.setdefault(comparison.id, (name, comparison.stage))
            if comparison.stage != stage:
                raise SegReproError(
                    f"{folder / name}.yaml: comparisons[{comparison.id}].quantity: found {comparison.quantity}, of the"
                    f" stage {comparison.stage}; expected one of the stage {stage}, as {folder / other}.yaml plans"
                    " under that id. Give one of the two another id"
                )

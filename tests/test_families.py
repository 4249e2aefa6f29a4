"""Every family of networks has the same shape, so that knowing one is knowing all."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from mmengine.model import BaseModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS

from segrepro.errors import SegReproError

PLUGINS = Path(__file__).resolve().parents[1] / "mmseg_plugins/networks"
CONFIGS = PLUGINS.parent / "configs"
EVERYWHERE = {"__init__.py", "README.md", "backbone.py", "decode_head.py", "key_map.py", "layers.py"}
OF_A_FAMILY = EVERYWHERE - {"__init__.py", "README.md"}
FAMILIES = sorted({path.parent.name for path in PLUGINS.glob("*/*.py") if path.name in OF_A_FAMILY})
ROLES = OF_A_FAMILY | {
    "checkpointing.py",
    "frozen_batch_norm.py",
    "imagenet.py",
    "loss.py",
    "neck.py",
    "synchronised_norm.py",
}
SECTIONS = ["Files", "Models", "Recipes", "What a reader of the paper should know"]
each_family = pytest.mark.parametrize("family", FAMILIES)


def test_the_five_papers_have_their_families() -> None:
    assert {"espnet", "fcn_dilated_vgg", "ladder_densenet_2017", "ldn", "shelfnet"} <= set(FAMILIES)


@each_family
def test_family_holds_the_files_that_every_family_holds(family: str) -> None:
    assert {path.name for path in (PLUGINS / family).iterdir()} >= EVERYWHERE


@each_family
def test_readme_tells_what_each_file_holds(family: str) -> None:
    table = re.findall(
        r"^\| `(\w+\.py)` \| \S", (PLUGINS / family / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(table) == sorted(path.name for path in (PLUGINS / family).glob("[!_]*.py"))


def readme(family: str) -> str:
    return (PLUGINS / family / "README.md").read_text(encoding="utf-8")


@each_family
def test_one_role_has_one_file_name_in_all_families(family: str) -> None:
    assert {path.name for path in (PLUGINS / family).glob("[!_]*.py")} <= ROLES


@each_family
def test_readmes_have_the_same_sections(family: str) -> None:
    assert re.findall(r"^## (.*)$", readme(family), re.MULTILINE) == SECTIONS


def named_in(text: str, column: str) -> list[str]:
    """What stands in backticks in the first column of the tables that call it so."""
    tables = re.findall(rf"^\| {column} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [
        name for table in tables for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    ]


@each_family
def test_readme_names_models_and_configs_that_there_are(family: str) -> None:
    text = readme(family)
    models, configs = named_in(text, "model"), named_in(text, "config")
    assert models
    configs += re.findall(r"`configs/([\w/]+)\.py`", text)
    paths = [CONFIGS.glob(f"{name}.py" if "/" in name else f"[!_]*/{name}.py") for name in models]
    paths += [CONFIGS.glob(f"{name}.py") for name in configs]
    assert [name for name, found in zip(models + configs, paths, strict=True) if not any(found)] == []


@each_family
def test_importing_a_family_registers_its_backbones_and_heads(family: str) -> None:
    package = importlib.import_module(f"mmseg_plugins.networks.{family}")
    for role, base in (("backbone", BaseModule), ("decode_head", BaseDecodeHead)):
        module = getattr(package, role)
        parts = [part for part in vars(module).values() if inspect.isclass(part) and part.__module__ == module.__name__]
        networks = [part for part in parts if issubclass(part, base) and not part.__name__.startswith("_")]
        # What others in the file build upon is not for configs.
        complete = [n for n in networks if not any(issubclass(other, n) for other in networks if other is not n)]
        assert complete, f"{role}.py has no {base.__name__}"
        assert [part.__name__ for part in complete if MODELS.get(part.__name__) is not part] == []


@each_family
def test_key_map_names_entries_of_the_authors_files(family: str) -> None:
    key_map = importlib.import_module(f"mmseg_plugins.networks.{family}.key_map")
    assert list(inspect.signature(key_map.official_names).parameters) == ["names"]
    assert key_map.official_names([]) == {}


@each_family
def test_key_map_is_tables_of_substitutions_and_nothing_else(family: str) -> None:
    key_map = importlib.import_module(f"mmseg_plugins.networks.{family}.key_map")
    own = [part for part in vars(key_map).values() if getattr(part, "__module__", None) == key_map.__name__]
    assert own == [key_map.official_names]
    constants = [value for name, value in vars(key_map).items() if re.fullmatch(r"_[A-Z0-9_]+", name)]
    tables = [table for value in constants for table in (value.values() if isinstance(value, dict) else [value])]
    assert any(tables)
    for pattern, replacement in (rule for table in tables for rule in table):
        assert re.compile(pattern).groups >= replacement.count("\\")


@pytest.mark.parametrize(
    ("network", "argument", "value"),
    [
        ({"type": "ShelfNetResNet"}, "depth", 18),
        ({"type": "ShelfNetLWResNet"}, "depth", 50),
        ({"type": "SplitDenseNet2017"}, "depth", 201),
        ({"type": "LDNEncoder"}, "depth", 122),
        ({"type": "FullyConvolutionalVGG", "dilated": True}, "depth", 13),
        ({"type": "ESPNetHead", "num_classes": 20}, "skip", "b2"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else str(value),
)
def test_networks_of_no_paper_are_refused(network: dict[str, object], argument: str, value: object) -> None:
    with pytest.raises(SegReproError, match=f"{network['type']}: {argument}: found {value!r}; expected one of"):
        MODELS.build(network | {argument: value})

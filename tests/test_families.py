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
EVERYWHERE = {"__init__.py", "README.md", "backbone.py", "decode_head.py", "key_map.py", "layers.py"}
OF_A_FAMILY = EVERYWHERE - {"__init__.py", "README.md"}
FAMILIES = sorted({path.parent.name for path in PLUGINS.glob("*/*.py") if path.name in OF_A_FAMILY})
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

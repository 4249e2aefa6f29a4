"""Backbones start from torchvision's published weights: fetched once, checked each time, and only for a start."""

import hashlib
import importlib
import io
import re
import shutil
import sys

import pytest
import torch
from http_server import drops, serving, status, whole
from mmengine.config import Config
from torchvision.models import DenseNet121_Weights, SqueezeNet1_1_Weights, densenet121, squeezenet1_1

from mmseg_plugins.networks.imagenet.torchvision_weights import imagenet_state_dict
from mmseg_plugins.networks.network import build_network
from segrepro.errors import SegReproError
from tests.test_training import INTERVAL, Project

NAME = "SqueezeNet1_1_Weights.IMAGENET1K_V1"
BACKBONE = """\
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import nn
from torchvision.models import SqueezeNet1_1_Weights

SqueezeNet1_1_Weights.IMAGENET1K_V1.value.url = "{url}"

class Block(BaseModule):
    def __init__(self):
        super().__init__(init_cfg=dict(type="Constant", layer="Conv2d", val=7))
        self.expand = nn.Conv2d(16, 64, 1)
        self.new = nn.Conv2d(64, 4, 1)

@MODELS.register_module(force=True)
class Squeezed(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.stem = nn.Conv2d(3, 64, 3, 2)
        self.squeeze = ConvModule(64, 16, 1)
        self.block = Block()

    def forward(self, x):
        return [self.block.new(self.block.expand(self.squeeze(self.stem(x))))]
"""
IMAGENET = """\
NAMES = {
    "stem": "features.0", "squeeze.conv": "features.3.squeeze", "block.expand": "features.3.expand1x1",
}

def from_imagenet(imagenet, ours):
    return {
        f"{to}.{part}": imagenet[f"{of}.{part}"]
        for to, of in NAMES.items() for part in ("weight", "bias")
    }
"""


def file_of(state_dict) -> bytes:
    buffer = io.BytesIO()
    torch.save(state_dict, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def published():
    """The content of a weight file, and its name as torchvision gives names."""
    torch.manual_seed(5)
    content = file_of(squeezenet1_1().state_dict())
    return content, f"squeezenet1_1-{hashlib.sha256(content).hexdigest()[:8]}.pth"


@pytest.fixture(autouse=True)
def no_way(tmp_path, monkeypatch):
    """An empty folder for PyTorch's files, no mirror, no network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("SEGREPRO_MIRROR", raising=False)
    for weights in (SqueezeNet1_1_Weights.IMAGENET1K_V1, DenseNet121_Weights.IMAGENET1K_V1):
        monkeypatch.setattr(weights.value, "url", "http://127.0.0.1:1/never-00000000.pth")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "torch/hub/checkpoints"


@pytest.fixture
def address(published, monkeypatch):
    """Says where the weights are published."""

    def publish(base: str = "http://127.0.0.1:1", name: str = published[1]) -> None:
        monkeypatch.setattr(SqueezeNet1_1_Weights.IMAGENET1K_V1.value, "url", f"{base}/{name}")

    publish()
    return publish


# --- the file --------------------------------------------------------------------------------------------------------


def test_weights_are_fetched_once_and_are_the_published_ones(published, address, cache):
    content, name = published
    with serving(whole(content)) as server:
        address(server.url.removesuffix("/file"))
        first, second = imagenet_state_dict(NAME), imagenet_state_dict(NAME)
        assert len(server.ranges) == 1
    expected = torch.load(io.BytesIO(content), weights_only=True)
    for state in (first, second):
        assert list(state) == list(expected)
        assert all(torch.equal(value, expected[entry]) for entry, value in state.items())
    assert [path.name for path in cache.iterdir()] == [name]


def test_mirror_comes_before_the_address(published, address, cache, tmp_path, monkeypatch):
    content, name = published
    (tmp_path / "mirror/torchvision").mkdir(parents=True)
    (tmp_path / "mirror/torchvision" / name).write_bytes(content)
    monkeypatch.setenv("SEGREPRO_MIRROR", str(tmp_path / "mirror"))
    assert imagenet_state_dict(NAME)
    assert (cache / name).read_bytes() == content


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (lambda content: status(404), "404"),
        (lambda content: whole(content[:-1] + b"?"), "invalid hash value"),
        (lambda content: drops(content, after=1000), "reset"),
    ],
)
def test_file_that_cannot_be_had_is_said_with_every_way_to_bring_it(
    published, address, cache, tmp_path, monkeypatch, reply, reason
):
    content, name = published
    (tmp_path / "mirror/torchvision").mkdir(parents=True)
    (tmp_path / "mirror/torchvision" / name).write_bytes(b"another file")
    monkeypatch.setenv("SEGREPRO_MIRROR", str(tmp_path / "mirror"))
    with serving(reply(content)) as server:
        base = server.url.removesuffix("/file")
        address(base)
        with pytest.raises(SegReproError) as error:
            imagenet_state_dict(NAME)
    said = str(error.value)
    assert f"{name}, torchvision's {NAME}" in said
    assert re.search(rf"mirror/torchvision/{name}: invalid hash value", said)
    assert re.search(rf"{base}/{name}: .*{reason}", said)
    assert f"put it at {cache / name}" in said and "TORCH_HOME" in said and "SEGREPRO_MIRROR" in said
    assert list(cache.iterdir()) == []


def test_damaged_file_in_pytorchs_folder_is_not_used(published, address, cache):
    content, name = published
    cache.mkdir(parents=True)
    (cache / name).write_bytes(content[:-1] + b"?")
    with pytest.raises(SegReproError, match=rf"{name}: found sha256 \w+; expected one that begins with {name[-12:-4]}"):
        imagenet_state_dict(NAME)


def test_unknown_weights_are_named():
    for name in ("SqueezeNet9_Weights.IMAGENET1K_V1", "SqueezeNet1_1_Weights.V9", "squeezenet"):
        with pytest.raises(SegReproError, match=f"weights: found '{name}'; expected a name of torchvision's"):
            imagenet_state_dict(name)


def test_weights_whose_file_name_has_no_checksum_are_refused():
    """Those of torchvision's quantized networks have an underscore where all others have a hyphen."""
    name = "ResNet18_QuantizedWeights.IMAGENET1K_FBGEMM_V1"
    with pytest.raises(SegReproError, match=f"weights: found {name}, whose file .*16fa66dd.pth has no checksum in"):
        imagenet_state_dict(name)


def test_entries_have_the_names_of_torchvisions_present_models(cache, monkeypatch):
    """DenseNet's published files call `denselayer1.norm1` still `denselayer1.norm.1` and know no batch counters."""
    now = densenet121().state_dict()
    then = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", name): value
        for name, value in now.items()
        if not name.endswith(".num_batches_tracked")
    }
    content = file_of(then)
    name = f"densenet121-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    cache.mkdir(parents=True)
    (cache / name).write_bytes(content)
    monkeypatch.setattr(DenseNet121_Weights.IMAGENET1K_V1.value, "url", f"http://127.0.0.1:1/{name}")
    found = imagenet_state_dict("DenseNet121_Weights.IMAGENET1K_V1")
    assert list(found) == list(now)
    assert all(torch.equal(value, now[entry]) for entry, value in found.items())


def test_file_with_code_in_it_is_not_run(address, cache, capsys):
    class Code:
        def __reduce__(self):
            return (print, ("ran",))

    content = file_of({"features.0.weight": Code()})
    name = f"squeezenet1_1-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    address(name=name)
    cache.mkdir(parents=True)
    (cache / name).write_bytes(content)
    with pytest.raises(Exception, match="weights_only"):
        imagenet_state_dict(NAME)
    assert "ran" not in capsys.readouterr().out


# --- the initialisation ----------------------------------------------------------------------------------------------


@pytest.fixture
def family(tmp_path, published, cache, monkeypatch):
    """A family of its own with one backbone, whose weights lie in PyTorch's folder."""
    write_family(tmp_path, published)
    monkeypatch.syspath_prepend(tmp_path)
    cache.mkdir(parents=True)
    (cache / published[1]).write_bytes(published[0])
    yield tmp_path / "squeezed"
    for module in [name for name in sys.modules if name.partition(".")[0] == "squeezed"]:
        del sys.modules[module]


def write_family(folder, published):
    (folder / "squeezed").mkdir()
    (folder / "squeezed/__init__.py").write_text("from . import backbone\n")
    (folder / "squeezed/backbone.py").write_text(BACKBONE.format(url=f"http://127.0.0.1:1/{published[1]}"))
    (folder / "squeezed/imagenet.py").write_text(IMAGENET)


def config() -> Config:
    importlib.import_module("squeezed")
    return Config(
        {
            "model": {
                "type": "EncoderDecoder",
                "data_preprocessor": {"type": "SegDataPreProcessor"},
                "backbone": {"type": "Squeezed", "init_cfg": {"type": "ImageNetInit", "weights": NAME}},
                "decode_head": {"type": "FCNHead", "in_channels": 4, "channels": 4, "num_convs": 0,
                                "concat_input": False, "num_classes": 2},
            }
        }
    )  # fmt: skip


def test_backbone_starts_from_the_published_weights_and_its_new_layers_as_ever(family, published):
    imagenet = torch.load(io.BytesIO(published[0]), weights_only=True)
    network = build_network(config())
    network.init_weights()
    state = network.backbone.state_dict()
    for ours, theirs in {
        "stem": "features.0",
        "squeeze.conv": "features.3.squeeze",
        "block.expand": "features.3.expand1x1",
    }.items():
        for part in ("weight", "bias"):
            assert torch.equal(state[f"{ours}.{part}"], imagenet[f"{theirs}.{part}"]), ours
    assert bool((state["block.new.weight"] == 7).all())


def test_other_layers_start_the_same_with_and_without_published_weights(family):
    heads = []
    for init_cfg in (config().model.backbone.init_cfg, {"type": "Constant", "layer": "BatchNorm2d", "val": 1}):
        with_init = config()
        with_init.model.backbone.init_cfg = init_cfg
        torch.manual_seed(3)
        network = build_network(with_init)
        network.init_weights()
        heads.append(network.decode_head.conv_seg.weight)
    assert torch.equal(*heads)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ('{"stem.weight": imagenet["features.0.weight"][:9]}', "1 of another shape: stem.weight 9x3x3x3 for 64x3x3x3"),
        ('{"steam.weight": imagenet["features.0.weight"]}', "1 unknown: steam.weight"),
    ],
)
def test_entries_that_are_not_the_backbones_are_refused(family, entries, said):
    (family / "imagenet.py").write_text(f"def from_imagenet(imagenet, ours):\n    return {entries}\n")
    network = build_network(config())
    with pytest.raises(SegReproError, match=rf"squeezed.imagenet.from_imagenet: .*Squeezed \({said}\)"):
        network.init_weights()


def test_network_that_gets_other_weights_needs_no_published_ones(family, cache):
    shutil.rmtree(cache)
    network = build_network(config())
    network.load_state_dict(build_network(config()).state_dict())
    assert not cache.exists()
    with pytest.raises(SegReproError, match="could not be downloaded"):
        network.init_weights()


@pytest.mark.slow
def test_resumed_training_needs_no_published_weights(published, cache, tmp_path, monkeypatch):
    project = Project(tmp_path / "project")
    write_family(project.folder, published)
    path = project.config()
    path.write_text(
        path.read_text()
        .replace('"kill_hook"', '"kill_hook", "mmseg_plugins.networks.imagenet", "squeezed"')
        .replace("num_classes=3, ", "num_classes=3, concat_input=False, ")
        + f"model['backbone'] = dict(type='Squeezed', init_cfg=dict(type='ImageNetInit', weights='{NAME}'))\n"
    )
    cache.mkdir(parents=True)
    (cache / published[1]).write_bytes(published[0])
    project.train(path, "run", kill_at=INTERVAL + 2)
    shutil.rmtree(cache)
    said = project.train(path, "run")
    assert "resuming from" in said
    assert not cache.exists()
    assert (project.folder / "run/weights.pth").is_file()

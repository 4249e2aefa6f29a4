"""The drawings of networks are the paths that the data takes."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from torch import nn
from torch.nn.functional import interpolate, relu

from data_manifests import loader
from data_manifests.schemas.data_path import DataPath
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.data_path import data_path
from reports.pages.data_path import drawings
from workflow import data_paths

PROJECT = Path(__file__).resolve().parents[1]
COMMITTED = sorted((PROJECT / "reports/data_paths").glob("*.json"))


class Encoder(nn.Module):
    """A stem of two layers, a dense block of two, and a coarser map."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.dense = nn.Module()
        self.dense.block = nn.ModuleList([nn.Conv2d(8, 4, 1), nn.Conv2d(12, 4, 1)])
        self.down = nn.Conv2d(16, 32, 3, stride=2, padding=1)

    def forward(self, x):
        maps = [self.norm(self.stem(x))]
        for layer in self.dense.block:
            maps.append(layer(torch.cat(maps, 1)))
        skip = torch.cat(maps, 1)
        return skip, self.down(skip)


class Head(nn.Module):
    """Adds the enlarged map to a projected skip; an identity, and a layer for trainings only, are no stages."""

    def __init__(self):
        super().__init__()
        self.project, self.deep = nn.Conv2d(16, 8, 1), nn.Conv2d(32, 8, 1)
        self.identity, self.auxiliary = nn.Identity(), nn.Conv2d(8, 5, 1)
        self.conv_seg = nn.Conv2d(8, 5, 1)

    def forward(self, maps):
        skip, deep = maps
        enlarged = interpolate(self.identity(self.deep(deep)), scale_factor=2)
        return self.conv_seg(relu(self.project(skip) + enlarged))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone, self.decode_head = Encoder(), Head()

    def forward(self, image, mode):
        return self.decode_head(self.backbone(image))


def test_stages_lines_and_joins_are_those_of_the_forward_pass():
    network = Network().train()
    stages = data_path(network)
    assert network.training
    assert [(s.name, s.modules, s.inputs, s.joined, s.channels, s.width) for s in stages] == [
        ("image", 0, (), (), 3, 1024),
        ("backbone.stem … norm", 2, (0,), (), 8, 512),
        ("backbone.dense.block.0 … 1", 2, (1,), ("concatenated",), 8, 512),
        ("backbone.down", 1, (1, 2), ("concatenated",), 32, 256),
        ("decode_head.deep", 1, (3,), (), 8, 256),
        ("decode_head.project", 1, (1, 2), ("concatenated",), 8, 512),
        ("decode_head.conv_seg", 1, (4, 5), ("added",), 5, 512),
    ]


@pytest.mark.parametrize("model", ["espnet_p2q3", "ldn121", "shelfnet18_lw"])
def test_committed_paths_are_those_of_the_networks(model):
    committed = loader.read(PROJECT / f"reports/data_paths/{model}.json", DataPath)
    config = PROJECT / "mmseg_plugins/configs" / committed.dataset / f"{model}.py"
    assert data_path(build_network(Config.fromfile(config))) == committed.stages


def test_every_network_of_a_paper_has_a_path_of_the_code_as_it_is(monkeypatch):
    monkeypatch.chdir(PROJECT)
    expected = {c.stem for c in data_paths.configs_of_papers(loader.suite(Path("config/suite.yaml")), loader.claims())}
    current = set(data_paths.current_paths())
    assert current == expected == {file.stem for file in COMMITTED}, "run: python workflow/scripts/trace_paths.py"


def test_path_of_other_code_is_not_drawn(tmp_path, monkeypatch):
    monkeypatch.chdir(PROJECT)
    path = loader.read(COMMITTED[0], DataPath)
    for name, changes in {"same": {}, "code": {"code_sha256": "0" * 64}, "config": {"config_files_sha256": "0" * 64},
                          "gone": {"model": "no_such_network"}}.items():  # fmt: skip
        (tmp_path / f"{name}.json").write_text(path.model_copy(update=changes).model_dump_json())
    (kept,) = data_paths.current_paths(tmp_path).values()
    assert kept == path


def test_networks_of_one_structure_share_a_drawing_and_lines_go_from_box_to_box():
    paths = {file.stem: loader.read(file, DataPath) for file in COMMITTED}
    first, second = drawings(["shelfnet18_lw", "shelfnet50", "no_path", "shelfnet101"], paths)
    assert [first.networks, second.networks] == [["shelfnet50", "shelfnet101"], ["shelfnet18_lw"]]
    assert len(first.boxes) == len(paths["shelfnet50"].stages)
    assert [stride for stride, _ in first.strides] == [1, 2, 4, 8, 16, 32]
    assert [part.name for part in first.parts] == ["backbone", "neck", "decode head"]
    ends = {(box.x - 10, box.y) for box in first.boxes} | {(box.x + 10, box.y) for box in first.boxes}
    for line in first.lines:
        x, y = map(float, re.match(r"M(\S+) ([\d.]+)", line).groups())
        assert (x, y) in ends
    assert len(first.lines) == sum(len(stage.inputs) for stage in paths["shelfnet50"].stages)
    (narrow,) = drawings(["resnet50_dilated8x_2017"], paths)
    assert [part.label_y for part in narrow.parts] == [11, 11, 24]  # two boxes have no room for two names side by side
    padded = drawings(["fcn2s_dilated_vgg16"], paths)[0]
    assert [box.stride for box in padded.boxes[1:6]] == [2, 4, 8, 16, 32]

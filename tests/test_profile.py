"""Parameters and multiply-accumulates are exact."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModule
from mmseg.models.segmentors import EncoderDecoder
from torch import nn

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Profile
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling.counted_structure import counted_structure
from mmseg_plugins.profiling.structure import count_macs, count_parameters
from tests import reference
from workflow.scripts import profile_model

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
PUBLISHED = {
    "espnet_p2_q8": "cityscapes/espnet_p2q8.py",
    "espnetc_p2_q3": "cityscapes/espnetc_p2q3.py",
    "espnet_p2_q8_camvid12": "camvid/espnet_p2q8.py",
}


class Layers(BaseModule):
    """One layer of each kind that counts, and some that do not."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4),
            nn.ConvTranspose2d(4, 5, 2, stride=2),
            nn.AvgPool2d(2),
        )
        self.linear = nn.Linear(5, 7)

    def forward(self, inputs, data_samples=None, mode="tensor"):
        return self.linear(self.features(inputs).mean(dim=(2, 3)))


def test_counts_are_those_of_a_sum_by_hand():
    network = Layers()
    assert count_parameters(network) == 3 * 4 * 9 + 2 * 4 + 4 * 9 + 4 + 4 * 5 * 4 + 5 + 5 * 7 + 7
    quarter = 8 * 10  # pixels of a 16x20 image after the stride
    assert count_macs(network, 16, 20) == quarter * (3 * 4 * 9 + 4 * 9 + 4 * 5 * 4) + 5 * 7


def test_counting_leaves_the_network_as_it_is():
    network = Layers().train()
    count_macs(network, 16, 16)
    assert network.training
    assert network.linear.weight.device == torch.device("cpu")


@pytest.mark.parametrize("variant", PUBLISHED)
def test_espnet_has_the_counts_of_the_authors_code(variant):
    row = reference.counts("espnet")[variant]
    network = build_network(Config.fromfile(CONFIGS / PUBLISHED[variant]))
    assert isinstance(network, EncoderDecoder)
    assert count_parameters(network) == int(row["all_params"])
    for height, width in ((1024, 2048), (512, 512), (512, 1024)):
        assert count_macs(network, height, width) == int(row[f"macs_{height}x{width}"])


@pytest.mark.parametrize("network", ["cityscapes/espnet_p2q8", "cityscapes/ldn121", "voc2012/fcn2s_dilated_vgg16"])
def test_committed_counts_hold(network):
    (file,) = Path(__file__).resolve().parents[1].glob(f"reports/measurements/*/{network}/*/seed0/profile.json")
    committed = evidence_file.read(file, Profile)
    found = counted_structure(Config.fromfile(CONFIGS / f"{network}.py"), committed.run)
    for counted in ("parameters", "inference_parameters", "complexity"):
        assert getattr(found, counted) == getattr(committed, counted)
    # Versions of PyTorch save some kilobytes more or less.
    assert found.training.saved_activations == pytest.approx(committed.training.saved_activations, rel=1e-3)


def test_a_profile_needs_neither_data_nor_weights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    profile_model.main(
        CONFIGS / "camvid" / "espnet_p2q8.py", "camvid", "net", "untrained", tmp_path / "out" / "profile.json"
    )
    profile = evidence_file.read(tmp_path / "out" / "profile.json", Profile)
    assert profile.parameters == 354517
    assert [(c.width, c.height) for c in profile.complexity] == [(480, 360), (1024, 512)]
    assert profile.complexity[1].macs == 4051460096
    assert profile.provenance.checkpoint_sha256 is None
    assert profile.run.route == "untrained"

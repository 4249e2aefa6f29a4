"""The floor of a latency: work counted by hand, whole networks, and peaks that a machine is measured at."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmengine.config import Config
from torch import nn

from data_manifests.schemas.evidence import Peaks
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling import roofline
from mmseg_plugins.profiling.inference import forward_pass, noise
from mmseg_plugins.profiling.roofline import Work, floor_ms, measure_peaks, work_of
from mmseg_plugins.profiling.structure import count_macs

ROOT = Path(__file__).resolve().parents[1]
CPU = torch.device("cpu")
PEAKS = Peaks(fp32_macs_per_s=1e6, amp_macs_per_s=4e6, bytes_per_s=8e6)


class Network(nn.Module):
    """A convolution with bias and a normalisation."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())

    def forward(self, images, mode):
        assert mode == "tensor"
        return self.layers(images)

    def encode_decode(self, images, metainfo):
        return self.layers(images)


def test_work_of_a_convolution_is_what_it_multiplies_reads_and_writes():
    read, weights, written = 3 * 8 * 16, 4 * 3 * 9 + 4, 4 * 8 * 16
    assert work_of(Network(), 8, 16) == [Work(macs=written * 27, elements=read + weights + written)]


@pytest.mark.parametrize("config", ["synthcity/espnet_p2q3", "synthcity/fcn2s_dilated_vgg16", "synthcity/ldn121"])
def test_work_of_a_network_has_the_operations_that_its_page_says(config):
    network = build_network(Config.fromfile(ROOT / f"mmseg_plugins/configs/{config}.py"))
    assert sum(work.macs for work in work_of(network, 64, 128)) == count_macs(network, 64, 128)


def test_each_operation_takes_its_arithmetic_or_its_bytes_whichever_is_longer():
    arithmetic, copying = Work(macs=3000, elements=10), Work(macs=10, elements=8000)
    assert floor_ms([arithmetic], PEAKS, "fp32") == pytest.approx(3)
    assert floor_ms([copying], PEAKS, "fp32") == pytest.approx(4)
    assert floor_ms([arithmetic, copying], PEAKS, "fp32") == pytest.approx(7)
    assert floor_ms([arithmetic, copying], PEAKS, "amp") == pytest.approx(0.75 + 2)


@given(st.lists(st.builds(Work, st.integers(1, 10**12), st.integers(1, 10**9)), min_size=1))
def test_floor_falls_with_the_precision_and_never_below_the_arithmetic(work):
    floor = floor_ms(work, PEAKS, "fp32")
    assert floor_ms(work, PEAKS, "amp") <= floor
    assert floor >= 1000 * sum(each.macs for each in work) / PEAKS.fp32_macs_per_s * (1 - 1e-9)


def test_peaks_are_the_fastest_calls(monkeypatch):
    monkeypatch.setattr(roofline, "SIDE", {"cpu": 64})
    monkeypatch.setattr(roofline, "COPIED", 1024)
    said = iter([0.5, 0.25, 2.0])
    monkeypatch.setattr(roofline, "_fastest", lambda call, wait, seconds: (call(), next(said))[1])
    peaks = measure_peaks(CPU, 0)
    assert peaks == Peaks(fp32_macs_per_s=64**3 / 0.5, amp_macs_per_s=64**3 / 0.25, bytes_per_s=2 * 1024 / 2.0)


def test_the_fastest_of_several_calls_counts(monkeypatch):
    took = iter([3.0, 1.0, 2.0])
    clock = iter([0.0, 0.1, 0.2, 9.0])
    monkeypatch.setattr(roofline, "seconds_of", lambda call, wait, clock: next(took))
    monkeypatch.setattr(roofline.time, "perf_counter", lambda: next(clock))
    assert roofline._fastest(lambda: None, lambda: None, 1) == 1.0


@pytest.mark.parametrize(("mode", "layout"), [("eager", torch.channels_last), ("contiguous", torch.contiguous_format)])
def test_weights_and_images_have_the_layout_of_the_mode(mode, layout):
    network = Network()
    forward = forward_pass(network, "fp32", mode)
    images = noise(1, 16, 8, CPU, mode)
    assert images.is_contiguous(memory_format=layout)
    assert network.layers[0].weight.is_contiguous(memory_format=layout)
    assert forward(images).is_contiguous(memory_format=layout)

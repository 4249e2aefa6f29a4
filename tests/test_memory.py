"""Counted memory is exact: bytes by hand on small networks, and those of a real step on the suite's own."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from simulated_gpu import GPU, simulate
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils.checkpoint import checkpoint

from mmseg_plugins.networks.network import build_network
from mmseg_plugins.profiling import training_memory
from mmseg_plugins.profiling.activations import highest_activation_bytes, saved_activation_bytes
from mmseg_plugins.profiling.inputs import input_of_recipe, input_of_test
from mmseg_plugins.profiling.shapes_only import shapes_only
from mmseg_plugins.profiling.structure import count_inference_parameters, count_parameters
from mmseg_plugins.profiling.training_memory import count_training_memory, peak_training_bytes

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
MAP = 4 * 2 * 5 * 6 * 7  # bytes of a float map: 2 images, 5 channels, 6x7


def config(name: str) -> Config:
    return Config.fromfile(CONFIGS / f"{name}.py")


def test_each_saved_map_counts_once_and_inputs_and_weights_do_not():
    image = torch.randn(2, 5, 6, 7)
    first, second = nn.Conv2d(5, 5, 3, padding=1), nn.Conv2d(5, 5, 1)

    def forward():
        features = first(image).relu()  # saved by ReLU as its output, and by the next convolution as its input
        return second(features).sum() + second(features).sum()

    loss, kept = saved_activation_bytes(forward)
    assert loss.requires_grad
    assert kept == MAP + 4, "one map, and the loss itself"


def test_what_nothing_waits_for_does_not_count():
    weight = torch.ones(5, requires_grad=True)
    _, kept = saved_activation_bytes(lambda: torch.zeros(1000, 1000).exp().sum() + 3 * weight.sum())
    assert kept == 4


def test_checkpointing_keeps_the_arguments_only():
    image = torch.randn(2, 5, 6, 7)
    inner = nn.Sequential(*(nn.Sequential(nn.Conv2d(5, 5, 1), nn.Sigmoid()) for _ in range(3)))
    outer = nn.Conv2d(5, 5, 1)
    plain = saved_activation_bytes(lambda: inner(outer(image)).sum())[1]
    recomputed = saved_activation_bytes(lambda: checkpoint(inner, outer(image), use_reentrant=False).sum())[1]
    assert plain == 4 * MAP + 4, "the outer map and three outputs of the sigmoid"
    assert recomputed == MAP + 4


def test_highest_is_what_is_held_at_the_same_time():
    image = torch.randn(2, 5, 6, 7)
    chain = nn.Sequential(*(nn.Conv2d(5, 5, 1) for _ in range(4)))
    with torch.inference_mode():
        assert highest_activation_bytes(lambda: chain(image)) == 2 * MAP, "input and output of one layer"
        assert highest_activation_bytes(lambda: torch.cat([chain(image), chain(image)])) == 4 * MAP
        assert highest_activation_bytes(lambda: chain(image).relu_()) == 2 * MAP, "in place nothing is made"


def test_shapes_alone_answer_what_depends_on_values_with_the_largest():
    with shapes_only():
        mask = torch.zeros(3, 4) > 0
        assert torch.ones(3, 4, 2)[mask].shape == (12, 2)
        assert mask.nonzero().shape == (12, 2)
        assert torch.arange(6).unique().shape == (6,)
        assert torch.arange(6).bincount(minlength=9).shape == (9,)
        assert mask.sum().item() == 1
        assert torch.empty(2**40).shape == (2**40,), "four terabytes"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shelfnet18_lw", "ldn121"])
def test_count_from_shapes_is_that_of_a_real_step(name):
    settings = config(f"synthcity/{name}")
    network = build_network(settings).train()
    images, samples = training_memory._images_of_noise(2, 64, 128)
    loss, real = saved_activation_bytes(lambda: training_memory._total_loss(network, images, samples))
    loss.backward()
    counted = count_training_memory(settings, 2, 64, 128)
    assert counted.saved_activations == real
    assert counted.gradients == sum(p.grad.nbytes for p in network.parameters() if p.grad is not None)
    assert counted.weights == sum(tensor.nbytes for tensor in [*network.parameters(), *network.buffers()])


@pytest.mark.slow
def test_optimisers_state_is_counted():
    settings = config("synthcity/shelfnet18_lw")
    settings.optim_wrapper = {"type": "OptimWrapper", "optimizer": {"type": "SGD", "lr": 0.1}}
    without = count_training_memory(settings, 2, 64, 64)
    settings.optim_wrapper["optimizer"]["momentum"] = 0.9
    assert without.optimizer_state == 0
    assert count_training_memory(settings, 2, 64, 64).optimizer_state == without.gradients


def test_batch_of_the_recipe_is_what_its_pipeline_makes():
    assert input_of_recipe(config("cityscapes/ldn121"), 2048, 1024) == (4, 768, 768)
    assert input_of_recipe(config("cityscapes/ladder_densenet121_2017"), 2048, 1024) == (4, 448, 1024)
    assert input_of_recipe(config("synthcity/espnet_p2q8"), 512, 256) == (2, 256, 256)


def test_size_to_predict_from_is_what_the_test_pipeline_makes():
    cityscapes = {name: input_of_test(config(f"cityscapes/{name}"), (2048, 1024)) for name in (
        "espnet_p2q8", "ladder_densenet121_2017", "shelfnet18_lw"
    )}  # fmt: skip
    assert cityscapes == {
        "espnet_p2q8": (1024, 512), "ladder_densenet121_2017": (1024, 448), "shelfnet18_lw": (2048, 1024),
    }  # fmt: skip
    assert input_of_test(config("voc2012/ladder_resnet50_2017"), None) == (500, 500), "on a canvas"
    assert input_of_test(config("voc2012/shelfnet50"), None) is None, "each picture as it is"


@pytest.mark.slow
def test_peak_of_a_training_is_that_of_its_second_step_in_an_empty_allocator(monkeypatch):
    steps = []
    asked = simulate(monkeypatch, held=lambda: 1000 * len(steps))
    settings = config("synthcity/espnet_p2q8")
    watching = register_optimizer_step_post_hook(lambda *args: steps.append("step"))
    assert peak_training_bytes(settings, 2, 64, 64, GPU) == 2000
    watching.remove()
    network = build_network(settings)
    sent = len([*network.parameters(), *network.buffers()]) + 1 + 2
    assert asked.count("to") == sent, "weights, the batch and its two label maps"
    assert [name for name in asked if name != "to"] == [
        "empty_cache", *["reset_peak_memory_stats", "synchronize"] * 2, "max_memory_allocated"
    ]  # fmt: skip
    assert asked[0] == "empty_cache"


@pytest.mark.slow
def test_a_training_that_does_not_fit_is_not_taken_for_one_without_a_peak(monkeypatch):
    def full(device):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    simulate(monkeypatch)
    monkeypatch.setattr(torch.cuda, "synchronize", full)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        peak_training_bytes(config("synthcity/espnet_p2q8"), 2, 64, 64, GPU)


def test_parameters_of_the_prediction_leave_out_what_only_losses_use():
    pspnet = build_network(config("cityscapes/pspnet_r101"))
    assert count_inference_parameters(pspnet) == 65602931
    auxiliary = sum(p.numel() for p in pspnet.auxiliary_head.parameters())
    assert count_parameters(pspnet) == 65602931 + auxiliary
    assert count_inference_parameters(build_network(config("cityscapes/espnet_p2q8"))) == 364569


def test_gradient_flows_from_shapes_alone():
    layer = nn.Conv2d(3, 4, 1)
    with shapes_only():
        logits = layer(torch.empty(1, 3, 8, 8))
        cross_entropy(logits, torch.empty(1, 8, 8, dtype=torch.int64)).backward()
    assert layer.weight.grad.shape == (4, 3, 1, 1)

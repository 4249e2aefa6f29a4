"""The plug-in is the authors' network: names, shapes, sizes, outputs, loss and gradients (tests/reference.py)."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel
from torchvision.models.densenet import _DenseLayer

from mmseg_plugins.networks.ldn.key_map import official_names
from mmseg_plugins.networks.official_weights import from_official, to_official
from mmseg_plugins.profiling.structure import count_macs, count_parameters
from segrepro.errors import SegReproError
from tests import fill_rule, reference

VARIANTS = [f"ldn{depth}{heads}" for depth in (121, 161, 169, 201) for heads in ("", "_aux")]
FORWARDS = [
    *("ldn121__128x256", "ldn121__128x320", "ldn121__150x210", "ldn121_aux__128x256", "ldn161__128x256"),
    *("ldn161_aux__128x256", "ldn169__128x256", "ldn169_aux__128x256", "ldn201__128x256"),
]


def each(argument: str, names: list[str]) -> pytest.MarkDecorator:
    """Parametrises a test over networks, the bigger ones marked slow."""
    marks = {True: (), False: pytest.mark.slow}
    return pytest.mark.parametrize(argument, [pytest.param(n, marks=marks[n.startswith("ldn121")]) for n in names])


def network(variant: str, checkpointing: bool = False) -> EncoderDecoder:
    """The network of a fixture's name, for example `ldn121_aux`."""
    init_default_scope("mmseg")
    depth, *notes = variant.removeprefix("ldn").split("_")
    common = {"depth": int(depth), "checkpointing": checkpointing}
    loss = {"type": "CrossEntropyLoss", "avg_non_ignore": True}
    head = {
        "type": "LDNHead",
        "num_classes": 19,
        "auxiliary_weight": 0.3 * ("aux" in notes),
        "loss_decode": loss,
        **common,
    }
    config = {"type": "EncoderDecoder", "backbone": {"type": "LDNEncoder", **common}, "decode_head": head}
    return MODELS.build(ConfigDict(config, test_cfg={"mode": "whole"})).eval()


def fill(model: EncoderDecoder) -> EncoderDecoder:
    """Gives a network the weights that made the fixtures, by their rule on the authors' names."""
    state = model.state_dict()
    names = official_names(state)
    filled = {
        names[ours]: torch.from_numpy(fill_rule.filled(names[ours], tuple(old.shape))) for ours, old in state.items()
    }
    model.load_state_dict(from_official(filled, state, names, "fixture"), strict=True)
    return model


def fixture_input(batch: int, height: int = 128, width: int = 256) -> torch.Tensor:
    return reference.random_image(batch, height, width)


def fixture_labels() -> list[SegDataSample]:
    labels = np.random.default_rng(1).integers(0, 20, (2, 128, 256))
    labels[labels == 19] = 255
    return [SegDataSample(gt_sem_seg=PixelData(data=torch.from_numpy(label)[None])) for label in labels]


def heads(model: EncoderDecoder, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """Logits of all classifiers under the fixtures' names; the authors enlarge the main ones to the input."""
    logits, auxiliary = model.decode_head.forward_all(model.extract_feat(image))
    enlarged = model.decode_head.predict_by_feat(logits, [{"img_shape": image.shape[2:]}])
    return {"logits": enlarged, **{f"aux{i}": maps for i, maps in enumerate(auxiliary)}}


def assert_same_outputs(found: dict[str, torch.Tensor], expected: dict[str, np.ndarray]) -> None:
    assert list(found) == [key.removesuffix("__shape") for key in expected if key.endswith("__shape")]
    for head, maps in found.items():
        reference.assert_same_output(maps, expected, head)


@pytest.mark.parametrize("variant", VARIANTS)
def test_names_shapes_dtypes_and_order_are_the_authors(variant: str) -> None:
    with torch.device("meta"):
        state = network(variant).state_dict()
    renamed = to_official(state, official_names(state))
    found = [(key, (tuple(value.shape), str(value.dtype))) for key, value in renamed.items()]
    assert found == list(reference.official_entries(variant).items())


@each("name", FORWARDS)
def test_outputs_are_the_authors(name: str) -> None:
    variant, size = name.split("__")
    image = reference.random_image(1, *map(int, size.split("x")))
    with torch.inference_mode():
        found = heads(fill(network(variant)), image)
    assert_same_outputs(found, reference.arrays(name))


def test_outputs_in_channels_last_layout_are_the_authors() -> None:
    model = fill(network("ldn121_aux")).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        found = heads(model, fixture_input(1))
    assert_same_outputs(found, reference.arrays("ldn121_aux__128x256"))


def test_prediction_has_the_size_of_the_image() -> None:
    model = fill(network("ldn121"))
    with torch.inference_mode():
        (prediction,) = model(fixture_input(1, 150, 210), mode="predict")
    assert_same_outputs({"logits": prediction.seg_logits.data[None]}, reference.arrays("ldn121__150x210"))


def test_outputs_loss_gradients_and_running_statistics_in_training_are_the_authors() -> None:
    expected = reference.arrays("ldn121_aux_train__128x256")
    model = fill(network("ldn121_aux").double()).train()
    found = heads(model, fixture_input(2).double())
    value = model.decode_head.loss_by_feat(found["logits"], fixture_labels())["loss_ce"]
    value.backward()

    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    statistics = model.state_dict()
    names = {theirs: ours for ours, theirs in official_names(statistics).items()}
    mean, variance = (
        [statistics[names[f"{name}.running_{what}"]].sum().item() for name in expected["bn_names"]]
        for what in ("mean", "var")
    )
    assert_same_outputs(found, expected)
    assert value.item() == pytest.approx(expected["scalar_loss"], rel=1e-9)
    assert sum(g.square().sum().item() for g in gradients) == pytest.approx(expected["scalar_grad_sq_sum"], rel=1e-9)
    assert gradients[0].abs().sum().item() == pytest.approx(expected["scalar_grad_first_param_abs_sum"], rel=1e-9)
    np.testing.assert_allclose(mean, expected["bn_running_mean_sum"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(variance, expected["bn_running_var_sum"], rtol=1e-9)


@each("variant", VARIANTS)
def test_parameters_and_multiply_accumulates_are_equal(variant: str) -> None:
    counts = reference.counts("ldn")[variant]
    with torch.device("meta"):
        model = network(variant)
    assert count_parameters(model) == int(counts["all_params"]) == int(counts["trainable_params"])
    for size in ("1024x2048", "512x512", "512x1024"):
        assert count_macs(model, *map(int, size.split("x"))) == int(counts[f"macs_{size}"])


def training_step(model: EncoderDecoder) -> tuple[list[torch.Tensor], int]:
    """Loss, gradients and buffers after one step, and the bytes that were kept for the backward pass."""
    kept = 0

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal kept
        kept += tensor.numel() * tensor.element_size()
        return tensor

    model.train()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model.loss(fixture_input(2), fixture_labels())["decode.loss_ce"]
    loss.backward()
    return [loss.detach(), *(p.grad for p in model.parameters() if p.grad is not None), *model.buffers()], kept


@pytest.mark.slow
def test_checkpointing_saves_memory_and_changes_nothing_else() -> None:
    plain, plain_bytes = training_step(fill(network("ldn121")))
    lean, lean_bytes = training_step(fill(network("ldn121", checkpointing=True)))
    assert len(plain) == len(lean)
    assert all(torch.equal(a, b) for a, b in zip(plain, lean, strict=True))
    assert lean_bytes < plain_bytes / 2


def test_checkpointed_graph_can_be_differentiated_twice() -> None:
    model = fill(network("ldn121", checkpointing=True)).train()
    logits = model(fixture_input(2), mode="tensor")
    statistics = {name: value.clone() for name, value in model.named_buffers()}
    total, weight = logits.sum(), model.backbone.features.conv0.weight
    first, second = (torch.autograd.grad(total, weight, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)
    assert all(torch.equal(statistics[name], value) for name, value in model.named_buffers())


def gradients_of_step(model: torch.nn.Module, image: torch.Tensor) -> list[torch.Tensor]:
    """Total loss of all classifiers on 64x128 crops, and the gradients of all parameters."""
    labels = torch.from_numpy(np.random.default_rng(1).integers(0, 19, (2, 64, 128)))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]
    losses = model(image, samples, mode="loss")
    total = sum(value for name, value in losses.items() if "loss" in name)
    total.backward()
    return [total.detach(), *(parameter.grad for parameter in model.parameters())]


@pytest.mark.slow
def test_checkpointing_changes_nothing_with_dropout_in_double_precision() -> None:
    """The layers draw their masks again when they are computed again; the batch norms do not count again."""
    steps, statistics = [], []
    for checkpointing in (False, True):
        model = fill(network("ldn121_aux", checkpointing)).double().train()
        for module in model.modules():
            if isinstance(module, _DenseLayer):
                module.drop_rate = 0.2
        torch.manual_seed(0)
        steps.append(gradients_of_step(model, fixture_input(2, 64, 128).double()))
        statistics.append(dict(model.named_buffers()))
    assert all(torch.equal(a, b) for a, b in zip(*steps, strict=True))
    assert all(torch.equal(value, statistics[1][name]) for name, value in statistics[0].items())
    assert all(value == 1 for name, value in statistics[1].items() if name.endswith("num_batches_tracked"))


def test_checkpointing_changes_nothing_in_bfloat16_autocast() -> None:
    steps = []
    for checkpointing in (False, True):
        model = fill(network("ldn121_aux", checkpointing)).train()
        with torch.autocast("cpu", torch.bfloat16):
            steps.append(gradients_of_step(model, fixture_input(2, 64, 128)))
    assert all(torch.equal(a, b) for a, b in zip(*steps, strict=True))


@pytest.mark.slow
def test_checkpointing_changes_nothing_under_distributed_data_parallel(tmp_path: Path) -> None:
    """In a group of one, with the reducer that counts each gradient once and refuses unused parameters."""
    plain = gradients_of_step(fill(network("ldn121_aux")).train(), fixture_input(2, 64, 128))
    init_process_group("gloo", init_method=f"file://{tmp_path / 'group'}", rank=0, world_size=1)
    try:
        model = DistributedDataParallel(fill(network("ldn121_aux", checkpointing=True)).train())
        for _ in range(2):  # the second forward pass is the one that complains of the first one's unused parameters
            model.zero_grad()
            found = gradients_of_step(model, fixture_input(2, 64, 128))
    finally:
        destroy_process_group()
    assert all(torch.equal(a, b) for a, b in zip(plain, found, strict=True))


def test_initialisation_is_the_authors() -> None:
    torch.manual_seed(0)
    model = network("ldn121_aux")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.init_weights()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            fan_in, fan_out = module.weight[0].numel(), module.weight[:, 0].numel()
            classifies = name.endswith(".classify.conv")
            deviation = (2 / (fan_in + fan_out if classifies else fan_in)) ** 0.5
            assert module.weight.std().item() == pytest.approx(deviation, rel=0.04)
            assert (module.bias is not None) == classifies
            assert not classifies or not module.bias.any()
        elif isinstance(module, nn.BatchNorm2d):
            assert (module.eps, module.momentum) == (1e-5, 0.05)
            assert (module.weight == 1).all()
            assert not module.bias.any()


def test_runs_in_bfloat16_autocast() -> None:
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        assert network("ldn121")(fixture_input(1), mode="tensor").isfinite().all()


@pytest.mark.parametrize("part", [{"type": "LDNEncoder"}, {"type": "LDNHead", "num_classes": 19}])
def test_unknown_depth_is_refused(part: dict[str, object]) -> None:
    init_default_scope("mmseg")
    with pytest.raises(SegReproError, match=f"{part['type']}: depth: found 122; expected one of 121, 161, 169, 201"):
        MODELS.build({**part, "depth": 122})

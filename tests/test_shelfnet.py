"""The plug-in is the authors' networks: names, shapes, sizes, outputs, loss and gradients."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mmseg_plugins.networks.network import build_network
from mmseg_plugins.networks.official_weights import from_official, to_official
from mmseg_plugins.networks.shelfnet.key_map import official_names
from mmseg_plugins.networks.shelfnet.layers import ABN
from mmseg_plugins.profiling.structure import count_macs, count_parameters
from tests import fill_rule, reference

MODELS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs" / "_base_" / "models"
SIZE = (128, 256)
CONFIGS = {
    "shelfnet18_lw": "shelfnet18_lw.py",
    "shelfnet34_lw": "shelfnet34_lw.py",
    "shelfnet50": "shelfnet50.py",
    "shelfnet50_voc_aux_se": "shelfnet50_aux_se.py",
    "shelfnet101": "shelfnet50.py",
    "shelfnet101_voc_aux_se": "shelfnet50_aux_se.py",
}
QUICK = {"shelfnet18_lw", "shelfnet50_voc_aux_se"}
VARIANTS = [pytest.param(variant, marks=() if variant in QUICK else pytest.mark.slow) for variant in CONFIGS]
HEADS = {
    "shelfnet18_lw": ("out8", "out16", "out32"),
    "shelfnet34_lw": ("out8", "out16", "out32"),
    "shelfnet50_voc_aux_se": ("logits", "se", "aux"),
    "shelfnet101_voc_aux_se": ("logits", "se", "aux"),
}


def network(variant: str) -> EncoderDecoder:
    """The network of a fixture's name."""
    config = Config.fromfile(MODELS / CONFIGS[variant])
    if variant.startswith("shelfnet101"):
        config.merge_from_dict({"model.backbone.depth": 101})
    return build_network(config).eval()


def load_filled(model: EncoderDecoder, variant: str) -> None:
    """Loads weights by the fill rule that made the fixtures."""
    shapes = {key: shape for key, (shape, _) in reference.official_entries(variant).items()}
    official = {key: torch.from_numpy(_fill(key, shape, variant)) for key, shape in shapes.items()}
    state = model.state_dict()
    model.load_state_dict(from_official(official, state, official_names(state), "fixture"), strict=True)


def _fill(key: str, shape: tuple[int, ...], variant: str) -> np.ndarray:
    values = fill_rule.filled(key, shape)
    # A quarter is a power of two, so nothing is rounded twice.
    return values * np.float32(0.25) if _is_damped(key, variant) else values


def _is_damped(key: str, variant: str) -> bool:
    if variant.endswith("_lw"):
        return key.endswith("bn2.weight")
    if key.startswith("pretrained."):
        return key.endswith("bn3.weight")
    return key.startswith("head.") and key.endswith("bn2.weight") and key != "head.bn2.weight"


def fixture(name: str, size: tuple[int, int] = SIZE) -> dict[str, np.ndarray]:
    return reference.arrays(f"{name}__{size[0]}x{size[1]}")


def fixture_input(batch: int, size: tuple[int, int] = SIZE) -> Tensor:
    return reference.random_image(batch, *size)


def outputs(model: EncoderDecoder, image: Tensor) -> Iterator[Tensor]:
    """What the authors' network returns: logits of every head, those of pixels resized as MMSegmentation does."""
    features = model.extract_feat(image)
    for head in (model.decode_head, *(model.auxiliary_head if model.with_auxiliary_head else ())):
        logits = head(features)
        yield head.predict_by_feat(logits, [{"img_shape": image.shape[2:]}]) if logits.ndim == 4 else logits


@pytest.mark.parametrize("variant", VARIANTS)
def test_names_shapes_types_and_order_are_the_authors(variant: str) -> None:
    state = network(variant).state_dict()
    renamed = to_official(state, official_names(state))
    # MMSegmentation builds a neck before the heads; the authors register the lateral convolutions last.
    ordered = sorted(renamed.items(), key=lambda entry: entry[0].startswith("trans"))
    found = [(key, (tuple(value.shape), str(value.dtype))) for key, value in ordered]
    assert found == list(reference.official_entries(variant).items())


@pytest.mark.parametrize("variant", VARIANTS)
def test_outputs_are_the_authors(variant: str) -> None:
    model = network(variant)
    load_filled(model, variant)
    expected = fixture(variant)
    with torch.inference_mode():
        for head, found in zip(HEADS.get(variant, ("logits",)), outputs(model, fixture_input(1)), strict=True):
            reference.assert_same_output(found, expected, head)


def test_sign_of_a_norms_scale_does_not_matter() -> None:
    model = network("shelfnet18_lw")
    load_filled(model, "shelfnet18_lw")
    for module in model.modules():
        if isinstance(module, ABN):
            module.weight.data[::2] *= -1
    with torch.inference_mode():
        found = next(outputs(model, fixture_input(1)))
    reference.assert_same_output(found, fixture("shelfnet18_lw"), "out8")


def test_lightweight_loss_gradients_and_running_statistics_are_the_authors() -> None:
    variant, expected = "shelfnet18_lw", fixture("shelfnet18_lw_train")
    model = training_network(variant)
    labels = np.random.default_rng(1).integers(0, 20, (2, *SIZE))

    losses = model.loss(fixture_input(2).double(), samples(np.where(labels == 19, 255, labels)))
    total = sum(value for name, value in losses.items() if "loss" in name)
    total.backward()

    for name, term in (("decode", "ohem8"), ("aux_0", "ohem16"), ("aux_1", "ohem32")):
        assert losses[f"{name}.loss_ohem"].item() == pytest.approx(expected[f"scalar_{term}"], rel=1e-9)
    assert total.item() == pytest.approx(expected["scalar_loss"], rel=1e-9)
    assert_same_gradients_and_statistics(model, expected)
    with torch.inference_mode():
        for head, logits in zip(HEADS[variant], outputs(model, fixture_input(2).double()), strict=True):
            reference.assert_same_output(logits, expected, head)


def test_original_loss_gradients_and_running_statistics_are_the_authors() -> None:
    variant, size = "shelfnet50_voc_aux_se", (64, 128)
    expected = fixture(f"{variant}_train", size)
    model = training_network(variant)
    labels = np.random.default_rng(1).integers(0, 8, (2, *size))
    labels[labels == 7] = 255
    labels[1][labels[1] == 3] = 12

    losses = model.loss(fixture_input(2, size).double(), samples(labels))
    total = sum(value for name, value in losses.items() if "loss" in name)
    total.backward()

    assert losses["decode.loss_ce"].item() == pytest.approx(expected["scalar_ce_main"], rel=1e-9)
    assert losses["aux_1.loss_ce"].item() == pytest.approx(0.5 * expected["scalar_ce_aux"], rel=1e-9)
    # MMSegmentation's binary loss works in float32 whatever its input.
    assert total.item() == pytest.approx(expected["scalar_loss"], rel=1e-7)
    assert_same_gradients_and_statistics(model, expected, rel=1e-7)
    with torch.inference_mode():
        for head, logits in zip(HEADS[variant], outputs(model, fixture_input(2, size).double()), strict=True):
            reference.assert_same_output(logits, expected, head)


def samples(labels: np.ndarray) -> list[SegDataSample]:
    """Labels (N, H, W) as MMSegmentation's losses take them."""
    return [SegDataSample(gt_sem_seg=PixelData(data=torch.from_numpy(label)[None])) for label in labels]


def training_network(variant: str) -> EncoderDecoder:
    """Network in training mode and float64, without dropout."""
    model = network(variant).train().double()
    load_filled(model, variant)
    for module in model.modules():
        if isinstance(module, nn.Dropout2d):
            module.p = 0
    return model


def assert_same_gradients_and_statistics(
    model: EncoderDecoder, expected: dict[str, np.ndarray], rel: float = 1e-9
) -> None:
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    statistics = model.state_dict()
    names = {theirs: ours for ours, theirs in official_names(statistics).items()}
    mean, variance = (
        [statistics[names[f"{name}.running_{what}"]].sum().item() for name in expected["bn_names"]]
        for what in ("mean", "var")
    )
    assert sum(g.square().sum().item() for g in gradients) == pytest.approx(expected["scalar_grad_sq_sum"], rel=rel)
    assert gradients[0].abs().sum().item() == pytest.approx(expected["scalar_grad_first_param_abs_sum"], rel=rel)
    np.testing.assert_allclose(mean, expected["bn_running_mean_sum"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(variance, expected["bn_running_var_sum"], rtol=1e-9)


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_and_multiply_accumulates_are_equal(variant: str) -> None:
    counts = reference.counts("shelfnet")
    model = network(variant)
    assert count_parameters(model) == int(counts[variant]["all_params"])
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == int(counts[variant]["trainable_params"])
    deployed = {"shelfnet18_lw": "shelfnet18_lw__main_head_only", "shelfnet34_lw": "shelfnet34_lw__main_head_only"}
    for size in ("1024x2048", "512x512", "512x1024"):
        height, width = map(int, size.split("x"))
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            list(outputs(model.to("meta"), torch.empty(1, 3, height, width, device="meta")))
        assert counter.get_total_flops() == 2 * int(counts[variant][f"macs_{size}"])
        if not model.with_auxiliary_head or variant in deployed:
            assert count_macs(model, height, width) == int(counts[deployed.get(variant, variant)][f"macs_{size}"])


def test_trains_in_bfloat16_autocast() -> None:
    model = network("shelfnet18_lw").train()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert all(logits.isfinite().all() for logits in outputs(model, fixture_input(2, (64, 64))))


def test_predicts_at_input_size() -> None:
    for variant in ("shelfnet18_lw", "shelfnet50_voc_aux_se"):
        with torch.inference_mode():
            (prediction,) = network(variant)(fixture_input(1, (64, 96)), mode="predict")
        assert prediction.seg_logits.data.shape[1:] == (64, 96)


@pytest.mark.parametrize("variant", ["shelfnet18_lw", "shelfnet50_voc_aux_se"])
def test_mmengine_leaves_the_initialisation_alone(variant: str) -> None:
    model = network(variant)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.init_weights()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_lightweight_convolutions_before_a_norm_or_the_logits_start_with_unit_gain() -> None:
    model = network("shelfnet18_lw")
    up = model.neck.decoder.up[0]
    for conv in (up.conv.conv, up.conv_atten, model.neck.laterals[0].conv, model.decode_head.conv_seg):
        assert conv.weight.std().item() * math.sqrt(conv.weight[0].numel()) == pytest.approx(1, abs=0.05)


def test_presence_of_classes_ignores_the_void() -> None:
    head = network("shelfnet50_voc_aux_se").auxiliary_head[0]
    for labels, classes in (([0, 20, 20, 255], [0, 20]), ([255, 255], [])):
        assert head._presence(torch.tensor(labels)).nonzero().flatten().tolist() == classes

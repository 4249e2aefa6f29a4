"""The ladder networks of 2017 are the authors': names, shapes, outputs, losses and gradients (tests/reference.py)."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch.utils.flop_counter import FlopCounterMode

from mmseg_plugins.networks.ladder_densenet_2017.backbone import DilatedMean
from mmseg_plugins.networks.ladder_densenet_2017.decode_head import LadderAuxiliaryHead2017
from mmseg_plugins.networks.ladder_densenet_2017.key_map import official_names
from mmseg_plugins.networks.ladder_densenet_2017.layers import average_pool, resize, stem_conv, stem_pool
from mmseg_plugins.networks.official_weights import from_official, to_official
from mmseg_plugins.profiling.structure import count_macs, count_parameters
from tests import fill_rule, reference

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs/_base_/models"
VOC = {"decode_head.num_classes": 21, "auxiliary_head.num_classes": 21}
NORM1 = {"backbone.first_norm": True}
SINGLE_LOSS = {"auxiliary_head": None, "decode_head.loss_decode.loss_weight": 1.0}
WITHOUT_LADDER = {"decode_head.in_channels": [128], "decode_head.in_index": [-1]}
ONE_RUNG = {"decode_head.in_channels": [256, 128], "decode_head.in_index": [0, -1], "backbone.dilated": True}
WITH_FIXTURES = {
    "ladder_densenet121_2017_cityscapes": {},
    "ladder_densenet169_2017_cityscapes": {},
    "ladder_densenet121_2017_voc": VOC,
    "ladder_densenet169_2017_voc": VOC,
    "ladder_resnet50_2017": {},
    "ladder_resnet50_2017_voc": VOC,
    "ladder_densenet121_2017_cityscapes_committed": {
        **NORM1,
        **SINGLE_LOSS,
        "backbone.split_blocks": (),
        "neck.dilation": 1,
        "decode_head.in_channels": [256, 512, 1024, 128],
    },
    "ladder_densenet169_2017_cityscapes_split34": {
        **NORM1,
        "backbone.split_blocks": (3, 4),
        "decode_head.in_channels": [256, 512, 768, 1280, 1152, 128],
    },
    "ladder_densenet121_2017_cityscapes_norm1": NORM1,
    "ladder_densenet169_2017_cityscapes_norm1": NORM1,
}
PYRAMID = {
    "neck.type": "LadderPyramid2017",
    "decode_head.in_channels": [256, 512, 1280, 1152, 256],
    "auxiliary_head.in_channels": 256,
}
ABLATIONS = {
    "abl_ladder_densenet121_single_loss": SINGLE_LOSS,
    "abl_densenet121_32x": {**SINGLE_LOSS, **WITHOUT_LADDER, "backbone.split_blocks": ()},
    "abl_densenet121_dilated8x_4x": {**SINGLE_LOSS, **ONE_RUNG, "backbone.split_blocks": ()},
    "abl_ladder_densenet169_spp3": {**PYRAMID, "neck.levels": 3},
    "abl_ladder_densenet169_spp4": {**PYRAMID, "neck.levels": 4},
    "abl_resnet50_32x": {**SINGLE_LOSS, **WITHOUT_LADDER, "decode_head.in_channels": [256]},
    "abl_resnet50_dilated8x_4x": {**SINGLE_LOSS, **ONE_RUNG, "decode_head.in_channels": [256, 256]},
}
VARIANTS = WITH_FIXTURES | ABLATIONS
# One of each kind of backbone and one ablation; all together take a minute.
QUICK = {"ladder_densenet121_2017_cityscapes", "ladder_resnet50_2017", "abl_densenet121_32x"}


def each(variants: Collection[str]) -> pytest.MarkDecorator:
    """Parametrises a test over the variants, most of them marked slow."""
    marks = {True: (), False: pytest.mark.slow}
    return pytest.mark.parametrize("variant", [pytest.param(v, marks=marks[v in QUICK]) for v in variants])


def network(variant: str) -> EncoderDecoder:
    """The network of a fixture's name, for example `ladder_densenet169_2017_voc`."""
    init_default_scope("mmseg")
    name = next(depth for depth in ("densenet121", "densenet169", "resnet50") if depth in variant)
    config = Config.fromfile(CONFIGS / f"ladder_{name}_2017.py")
    config.merge_from_dict({f"model.{key}": value for key, value in VARIANTS[variant].items()})
    return MODELS.build(config.model).eval()


def weightless(variant: str) -> EncoderDecoder:
    """The same network without storage."""
    with torch.device("meta"):
        return network(variant)


def filled(variant: str) -> dict[str, torch.Tensor]:
    """Weights by the fill rule that made the fixtures, under their names and in their order."""
    entries = reference.official_entries(variant)
    return {key: torch.from_numpy(fill_rule.filled(key, shape)) for key, (shape, _) in entries.items()}


def loaded(variant: str) -> EncoderDecoder:
    model = network(variant)
    state = model.state_dict()
    model.load_state_dict(from_official(filled(variant), state, official_names(state), "fixture"), strict=True)
    return model


def heads(model: EncoderDecoder) -> dict[str, torch.nn.Module]:
    """The heads by the fixtures' names."""
    return {"logits": model.decode_head} | ({"aux": model.auxiliary_head} if model.with_auxiliary_head else {})


def outputs(model: EncoderDecoder, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """All logits by the fixtures' names."""
    maps = model.extract_feat(image)
    found = {}
    for name, head in heads(model).items():
        found[f"{name}_lowres"] = head(maps)
        found[name] = head.predict_by_feat(found[f"{name}_lowres"], [{"img_shape": tuple(image.shape[2:])}])
    return found


@each(WITH_FIXTURES)
def test_names_shapes_types_and_order_are_the_authors(variant: str) -> None:
    state = weightless(variant).state_dict()
    renamed = to_official(state, official_names(state))
    expected = filled(variant)
    assert [(k, v.shape, v.dtype) for k, v in renamed.items()] == [(k, v.shape, v.dtype) for k, v in expected.items()]


@each(WITH_FIXTURES)
@pytest.mark.parametrize("size", ["128x256", "100x116"])
def test_outputs_of_all_heads_are_the_authors(size: str, variant: str) -> None:
    expected = reference.arrays(f"{variant}__{size}")
    with torch.inference_mode():
        found = outputs(loaded(variant), reference.random_image(1, *map(int, size.split("x"))))
    assert found.keys() == {key.removesuffix("__std") for key in expected if key.endswith("__std")}
    for name, logits in found.items():
        reference.assert_same_output(logits, expected, name)


def test_prediction_has_the_resized_logits() -> None:
    variant = "ladder_densenet121_2017_cityscapes"
    model = loaded(variant)
    with torch.inference_mode():
        (sample,) = model(reference.random_image(1, 100, 116), mode="predict")
    reference.assert_same_output(sample.seg_logits.data[None], reference.arrays(f"{variant}__100x116"))


def test_loss_gradients_and_running_statistics_are_the_authors() -> None:
    variant = "ladder_densenet121_2017_cityscapes"
    expected = reference.arrays(f"{variant}_train__2x128x256")
    image = reference.random_image(2, 128, 256).double()
    labels = torch.from_numpy(np.random.default_rng(1).integers(0, 20, (2, 128, 256)))
    labels[labels == 19] = 255
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]
    model = loaded(variant).double().train()
    names = official_names(model.state_dict())
    kernels = [p for n, p in model.named_parameters() if p.ndim == 4 and not names[n].startswith("logits.")]

    losses = model.loss(image, samples)
    main, auxiliary = losses["decode.loss_ce"], losses["aux.loss_ce"]
    l2 = 1e-4 * sum(kernel.square().sum() / 2 for kernel in kernels)
    (main + auxiliary + l2).backward()

    gradients = {names[name]: p.grad for name, p in model.named_parameters()}
    statistics = to_official(model.state_dict(), names)
    assert main.item() == pytest.approx(0.7 * expected["scalar_loss_main"], rel=1e-9)
    assert auxiliary.item() == pytest.approx(0.3 * expected["scalar_loss_aux"], rel=1e-9)
    assert l2.item() == pytest.approx(expected["scalar_loss_l2"], rel=1e-9)
    total = sum(g.square().sum().item() for g in gradients.values())
    assert total == pytest.approx(expected["scalar_grad_sq_sum"], rel=1e-9)
    assert list(gradients) == expected["grad_names"].tolist()
    found = [g.abs().sum().item() for g in gradients.values()]
    np.testing.assert_allclose(found, expected["grad_abs_sum"], rtol=1e-9)
    for name, signed, absolute in zip(expected["bn_names"], expected["bn_sum"], expected["bn_abs_sum"], strict=True):
        assert statistics[name].sum().item() == pytest.approx(signed, rel=1e-9, abs=1e-9)
        assert statistics[name].abs().sum().item() == pytest.approx(absolute, rel=1e-9)


def test_training_mode_outputs_are_the_authors() -> None:
    variant = "ladder_densenet121_2017_cityscapes"
    expected = reference.arrays(f"{variant}_train__2x128x256")
    with torch.inference_mode():
        found = outputs(loaded(variant).double().train(), reference.random_image(2, 128, 256).double())
    for name, logits in found.items():
        stride = int(expected[f"{name}__stride"])
        # The maps are of a float32 run, which batch statistics of few pixels make less exact; the sums are float64.
        limit = 1.01 * expected[f"{name}__err_fp64"]
        np.testing.assert_allclose(logits[..., ::stride, ::stride], expected[name], rtol=0, atol=limit)
        np.testing.assert_allclose(logits.sum((0, 2, 3)), expected[f"{name}__ch_sum"], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(logits.abs().sum((0, 2, 3)), expected[f"{name}__ch_abs_sum"], rtol=1e-9)


@each(VARIANTS)
def test_parameters_and_multiply_accumulates_are_equal(variant: str) -> None:
    row = reference.counts("ladder_densenet_2017")[variant]
    model = weightless(variant)
    auxiliary = sum(p.numel() for p in model.auxiliary_head.parameters()) if model.with_auxiliary_head else 0
    statistics = sum(b.numel() for name, b in model.named_buffers() if "running" in name)
    assert count_parameters(model) == int(row["trainable_params"])
    assert count_parameters(model) + statistics == int(row["params_plus_bn_running_stats"])
    assert count_parameters(model) - auxiliary == int(row["trainable_params_without_aux_head"])
    assert count_parameters(model.backbone) == int(row["downsampling_path_params"])
    assert all(p.requires_grad for p in model.parameters())
    assert count_macs(model, 1024, 2048) == int(row["macs_1024x2048_without_aux"])
    assert count_macs(model, 448, 1024) == int(row["macs_448x1024_without_aux"])
    with FlopCounterMode(display=False) as counter:
        outputs(model, torch.empty(1, 3, 1024, 2048, device="meta"))
    assert counter.get_total_flops() == 2 * int(row["macs_1024x2048"])


@each(ABLATIONS)
def test_ablations_give_logits_of_the_input_size(variant: str) -> None:
    model = network(variant)
    with torch.inference_mode():
        for name, logits in outputs(model, torch.zeros(1, 3, 100, 116)).items():
            assert logits.isfinite().all()
            if not name.endswith("_lowres"):
                assert logits.shape == (1, 19, 100, 116)


@pytest.mark.parametrize("size", ["6x10", "12x40", "7x11", "5x9"])
def test_resize_is_that_of_tensorflow_1(size: str) -> None:
    protocol = reference.arrays("protocol_ladder2017")
    height, width = map(int, size.split("x"))
    found = resize(torch.from_numpy(protocol["resize_in"]), (height, width))
    np.testing.assert_allclose(found, protocol[f"resize_out_{size}"], atol=1e-6)


def test_pools_and_stem_pad_as_tensorflow_1() -> None:
    protocol = {key: torch.as_tensor(value) for key, value in reference.arrays("protocol_ladder2017").items()}
    for pool, name in (
        (average_pool(), "avg_pool_2x2_s2"),
        (stem_pool(), "max_pool_2x2_s2"),
        (DilatedMean(1), "avg_pool_2x2_s1"),
    ):
        torch.testing.assert_close(pool(protocol["pool_in"]), protocol[name])
    stem = stem_conv()
    stem.weight.data = protocol["stem_weight"]
    for parity in ("even", "odd"):
        torch.testing.assert_close(stem(protocol[f"stem_in_{parity}"]), protocol[f"stem_out_{parity}"])


def test_dilated_mean_pools_every_grid_as_if_it_were_alone() -> None:
    x = reference.random_image(1, 5, 8)
    found = DilatedMean(2)(x)
    for row in (0, 1):
        for column in (0, 1):
            grid = (..., slice(row, None, 2), slice(column, None, 2))
            torch.testing.assert_close(found[grid], DilatedMean(1)(x[grid]))


def test_loss_is_of_labels_at_full_resolution_over_the_whole_batch() -> None:
    protocol = reference.arrays("protocol_ladder2017")
    labels = torch.from_numpy(protocol["loss_labels"]).long()
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]
    init_default_scope("mmseg")
    loss = {"type": "CrossEntropyLoss", "avg_non_ignore": True}
    head = LadderAuxiliaryHead2017(num_classes=19, ignore_index=19, loss_decode=loss)
    for name in ("main", "aux"):
        value = head.loss_by_feat(torch.from_numpy(protocol[f"loss_{name}_logits"]), samples)["loss_ce"]
        assert value.item() == pytest.approx(protocol[f"loss_{name}"].item(), rel=1e-6)


def test_sliding_windows_give_logits_of_the_whole_image() -> None:
    model = network("ladder_densenet121_2017_cityscapes")
    model.test_cfg.update(mode="slide", crop_size=(64, 64), stride=(32, 32))
    with torch.inference_mode():
        (sample,) = model(torch.zeros(1, 3, 90, 120), mode="predict")
    assert sample.seg_logits.data.shape == (19, 90, 120)


@pytest.mark.parametrize("variant", ["ladder_densenet121_2017_cityscapes", "ladder_resnet50_2017"])
def test_initialisation_of_the_new_layers_is_the_authors(variant: str) -> None:
    torch.manual_seed(0)
    model = network(variant)
    model.init_weights()
    for name, parameter in model.named_parameters():
        if name.startswith("backbone.") or parameter.ndim != 4:
            continue
        fan_out, fan_in = parameter[:, 0].numel(), parameter[0].numel()
        if name.replace("weight", "bias") in dict(model.named_parameters()):
            limit = (6 / (fan_in + fan_out)) ** 0.5
        else:
            limit = 2 * (1.3 * 2 / fan_in) ** 0.5
            assert parameter.var().item() == pytest.approx(2 / fan_in, rel=0.03)
        assert 0.99 * limit < parameter.abs().max().item() <= limit * (1 + 1e-6)


def test_runs_in_bfloat16_autocast() -> None:
    model = network("ladder_densenet121_2017_cityscapes")
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        assert all(logits.isfinite().all() for logits in outputs(model, reference.random_image(1, 64, 96)).values())

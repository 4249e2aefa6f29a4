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
from torch.utils.flop_counter import FlopCounterMode

from mmseg_plugins.networks.espnet.key_map import official_names
from mmseg_plugins.networks.official_weights import from_official, to_official
from segrepro.errors import SegReproError
from tests import fill_rule, reference

FIXTURES = reference.FIXTURES / "espnet"
EVALUATED = sorted(
    path.name.split("__")[0]
    for path in FIXTURES.glob("*__*.npz")
    if not path.name.split("__")[0].endswith(("_train", "_realweights"))
)
OFFICIAL_FILES = {
    "espnet_p2_q3": "decoder-espnet_p_2_q_3.pth",
    "espnet_p2_q8": "decoder-espnet_p_2_q_8.pth",
    "espnet_p2_q8_camvid12": "decoder-espnet_p_2_q_8_camvid.pth",
    "espnetc_p2_q8": "encoder-espnet_p_2_q_8.pth",
}
COUNTS = reference.counts("espnet")


def network(variant: str, **head: object) -> EncoderDecoder:
    """The network of a fixture's name, for example `espnet_p2_q8_camvid12`."""
    init_default_scope("mmseg")
    family, _, q, *notes = variant.split("_")
    head["num_classes"] = 12 if "camvid12" in notes else 20
    if family == "espnet":
        head["skip"] = "b1" if notes in (["camvid12"], ["trainrepo"]) else "level1"
    decode_head = {"type": "ESPNetHead" if family == "espnet" else "ESPNetCHead", **head}
    backbone = {"type": "ESPNetEncoder", "p": 2, "q": int(q.removeprefix("q"))}
    config = {"type": "EncoderDecoder", "backbone": backbone, "decode_head": decode_head}
    return MODELS.build(ConfigDict(config)).eval()


def filled(variant: str) -> dict[str, torch.Tensor]:
    """Weights by the fill rule that made the fixtures."""
    shapes = {key: shape for key, (shape, _) in reference.official_entries(variant).items()}
    return {key: torch.from_numpy(fill_rule.filled(key, shape)) for key, shape in shapes.items()}


def load(model: EncoderDecoder, official: dict[str, torch.Tensor]) -> None:
    state = model.state_dict()
    model.load_state_dict(from_official(official, state, official_names(state), "fixture"), strict=True)


def fixture(name: str) -> dict[str, np.ndarray]:
    return reference.arrays(f"{name}__64x128")


def fixture_input(batch: int) -> torch.Tensor:
    return reference.random_image(batch, 64, 128)


@pytest.mark.parametrize("variant", EVALUATED)
def test_names_shapes_and_order_are_the_authors(variant: str) -> None:
    state = network(variant).state_dict()
    renamed = to_official(state, official_names(state))
    found = [(key, (tuple(value.shape), str(value.dtype))) for key, value in renamed.items()]
    assert found == list(reference.official_entries(variant).items())


@pytest.mark.parametrize("variant", EVALUATED)
def test_renaming_there_and_back_changes_nothing(variant: str) -> None:
    state = network(variant).state_dict()
    names = official_names(state)
    back = from_official(to_official(state, names), state, names, "round trip")
    assert list(back) == list(state)
    assert all(back[name] is state[name] for name in state)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("variant", EVALUATED)
def test_outputs_are_the_authors(variant: str, layout: torch.memory_format) -> None:
    model = network(variant)
    load(model, filled(variant))
    with torch.inference_mode():
        logits = model.to(memory_format=layout)(fixture_input(1), mode="tensor")
    reference.assert_same_output(logits, fixture(variant))


@pytest.mark.parametrize("variant", OFFICIAL_FILES)
def test_outputs_with_the_released_weights_are_the_authors(variant: str, mirror: Path) -> None:
    model = network(variant)
    load(model, torch.load(mirror / "espnet" / OFFICIAL_FILES[variant], map_location="cpu", weights_only=True))
    with torch.inference_mode():
        logits = model(fixture_input(1) * np.float32(0.01), mode="tensor")
    reference.assert_same_output(logits, fixture(f"{variant}_realweights"))


@pytest.mark.parametrize(("variant", "stride"), [("espnet_p2_q3", 1), ("espnetc_p2_q8", 8)])
def test_loss_gradients_and_running_statistics_are_the_authors(variant: str, stride: int) -> None:
    expected = fixture(f"{variant}_train")
    class_weight = 1 / np.log(1.10 + np.random.default_rng(2).dirichlet(np.ones(20)))
    loss = {"type": "CrossEntropyLoss", "class_weight": class_weight.tolist()}
    model = network(variant, loss_decode=loss).train().double()
    load(model, filled(variant))
    labels = np.random.default_rng(1).integers(0, 20, (2, 64 // stride, 128 // stride))
    truth = torch.from_numpy(np.kron(labels, np.ones((1, stride, stride), labels.dtype)))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in truth]

    value = model.loss(fixture_input(2).double(), samples)["decode.loss_ce"]
    value.backward()

    gradients = [p.grad for p in model.parameters()]
    statistics = model.state_dict()
    names = {theirs: ours for ours, theirs in official_names(statistics).items()}
    mean, variance = (
        [statistics[names[f"{name}.running_{what}"]].sum().item() for name in expected["bn_names"]]
        for what in ("mean", "var")
    )
    assert value.item() == pytest.approx(expected["scalar_loss"], rel=1e-9)
    assert sum(g.square().sum().item() for g in gradients) == pytest.approx(expected["scalar_grad_sq_sum"], rel=1e-9)
    assert gradients[0].abs().sum().item() == pytest.approx(expected["scalar_grad_first_param_abs_sum"], rel=1e-9)
    np.testing.assert_allclose(mean, expected["bn_running_mean_sum"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(variance, expected["bn_running_var_sum"], rtol=1e-9)


@pytest.mark.parametrize("variant", COUNTS)
def test_parameters_and_multiply_accumulates_are_equal(variant: str) -> None:
    model = network(variant).to("meta")
    assert sum(p.numel() for p in model.parameters()) == int(COUNTS[variant]["all_params"])
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == int(COUNTS[variant]["trainable_params"])
    for size in ("1024x2048", "512x512", "512x1024"):
        image = torch.empty(1, 3, *map(int, size.split("x")), device="meta")
        with FlopCounterMode(display=False) as counter:
            model(image, mode="tensor")
        assert counter.get_total_flops() == 2 * int(COUNTS[variant][f"macs_{size}"])


def test_initialisation_is_pytorchs_own() -> None:
    torch.manual_seed(0)
    model = network("espnet_p2_q3")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.init_weights()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_runs_in_bfloat16_autocast() -> None:
    model = network("espnet_p2_q3")
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        assert model(fixture_input(1), mode="tensor").isfinite().all()


def test_other_class_counts_predict_at_input_size() -> None:
    init_default_scope("mmseg")
    for head in ({"type": "ESPNetHead", "skip": "b1"}, {"type": "ESPNetCHead"}):
        backbone = {"type": "ESPNetEncoder", "p": 2, "q": 3}
        config = {"type": "EncoderDecoder", "backbone": backbone, "decode_head": {**head, "num_classes": 7}}
        model = MODELS.build(ConfigDict(config, test_cfg={"mode": "whole"})).eval()
        with torch.inference_mode():
            (prediction,) = model(fixture_input(1), mode="predict")
        assert prediction.seg_logits.data.shape == (7, 64, 128)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda weights: weights.pop("br.bias"), r"1 missing: br\.bias"),
        (lambda weights: weights.update(extra=torch.zeros(1)), "1 unknown: extra"),
        (lambda weights: weights.pop("br.num_batches_tracked"), r"1 missing: br\.num_batches_tracked"),
        (
            lambda weights: weights.update({"conv.conv.weight": torch.zeros(20, 39, 3, 3)}),
            r"1 of another shape: conv\.conv\.weight 20x39x3x3 for 20x36x3x3",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(spoil: object, message: str) -> None:
    weights = filled("espnet_p2_q3")
    spoil(weights)
    with pytest.raises(SegReproError, match=message):
        load(network("espnet_p2_q3"), weights)


def test_weights_of_a_deeper_network_are_refused_with_a_count() -> None:
    with pytest.raises(SegReproError, match=r"60 unknown: encoder\.level3\.3\.c1\.conv\.weight, .*\.\.\."):
        load(network("espnet_p2_q3"), filled("espnet_p2_q8"))


def test_absent_batch_counters_become_zero() -> None:
    weights = filled("espnet_p2_q3")
    model = network("espnet_p2_q3").train()
    model(fixture_input(1), mode="tensor")
    load(model, {key: value for key, value in weights.items() if not key.endswith("num_batches_tracked")})
    assert model.state_dict()["decode_head.norm_l3.num_batches_tracked"] == 0


def test_decoder_refuses_fewer_classes_than_an_esp_module_has_branches() -> None:
    init_default_scope("mmseg")
    with pytest.raises(SegReproError, match="num_classes: found 4; expected at least 5"):
        MODELS.build({"type": "ESPNetHead", "num_classes": 4, "skip": "b1"})


def test_espnet_c_learns_from_label_maps_reduced_as_the_authors_reduce_them() -> None:
    protocol = reference.arrays("protocol_espnet")
    labels, expected = protocol["totensor_scale8_label_in"], protocol["totensor_scale8_label_out"]
    sample = SegDataSample(gt_sem_seg=PixelData(data=torch.from_numpy(labels)[None]))
    reduced = network("espnetc_p2_q3").decode_head._stack_batch_gt([sample])
    np.testing.assert_array_equal(reduced[0, 0], expected)

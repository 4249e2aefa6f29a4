"""Dilated FCN-2s is the authors' network (Caffe: names, sizes, outputs, loss); FCN-8s is what its paper says."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmseg_plugins.networks.fcn_dilated_vgg.backbone import FEATURES
from mmseg_plugins.networks.fcn_dilated_vgg.decode_head import SkipHead
from mmseg_plugins.networks.fcn_dilated_vgg.key_map import official_names
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.networks.official_weights import from_official, to_official
from mmseg_plugins.profiling.structure import count_macs, count_parameters
from tests import reference

MODELS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs" / "_base_" / "models"
VARIANTS = ("fcn2s_dilated_vgg16", "fcn2s_dilated_vgg19")
SCALES = {"scale_pool4": 1e-2, "scale_pool3": 1e-4, "scale_pool2": 1e-6, "scale_pool1": 1e-8}
LINE = np.array([0.25, 0.75, 0.75, 0.25])


def network(variant: str, device: str = "cpu") -> EncoderDecoder:
    with torch.device(device):
        return build_network(Config.fromfile(MODELS / f"{variant}.py")).eval()


@pytest.fixture(scope="module")
def filled_network(request: pytest.FixtureRequest) -> EncoderDecoder:
    """A network with the weights that made the fixtures."""
    model = network(request.param)
    state = model.state_dict()
    shapes = {key: shape for key, (shape, _) in reference.official_entries(request.param).items()}
    official = {key: torch.from_numpy(_fill(key, shape)) for key, shape in shapes.items()}
    model.load_state_dict(from_official(official, state, official_names(state), "fixture"))
    return model


def _fill(key: str, shape: tuple[int, ...]) -> np.ndarray:
    layer, _, kind = key.partition(".")
    if layer in SCALES:
        return np.full(shape, SCALES[layer], np.float32)
    if layer.startswith("upscore"):
        return np.asarray(np.eye(shape[0])[:, :, None, None] * np.outer(LINE, LINE), np.float32)
    values = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(shape)
    values *= 0.1 if kind == "bias" else np.sqrt(2 / np.prod(shape[1:]))
    if layer.startswith("score_pool") and kind == "weight":
        values /= SCALES[layer.replace("score", "scale")]
    return values.astype(np.float32)


def outputs_by_official_name(model: EncoderDecoder, image: Tensor) -> dict[str, Tensor]:
    """The logits and, as the fixtures hold them too, the scores after every step of the decoder."""
    head = model.decode_head
    steps = {"score_fr": head.score_fr, **{f"fuse_{pool}": fusion for pool, fusion in head.fusions.items()}}
    outputs = {}
    hooks = [
        step.register_forward_hook(lambda _module, _inputs, output, name=name: outputs.update({name: output}))
        for name, step in steps.items()
    ]
    with torch.inference_mode():
        score = model(image, mode="tensor")
    for hook in hooks:
        hook.remove()
    return {**outputs, "score": score}


@pytest.mark.parametrize("variant", VARIANTS)
def test_names_shapes_types_and_order_are_the_authors(variant: str) -> None:
    state = network(variant, "meta").state_dict()
    found = [(k, (tuple(v.shape), str(v.dtype))) for k, v in to_official(state, official_names(state)).items()]
    assert found == list(reference.official_entries(variant).items())


@pytest.mark.parametrize(
    ("filled_network", "fixture"),
    [
        (variant, f"{variant}__{size}")
        for variant, size in [(VARIANTS[0], "96x128"), (VARIANTS[0], "97x131"), (VARIANTS[1], "96x128")]
    ],
    indirect=["filled_network"],
)
def test_outputs_are_the_authors(filled_network: EncoderDecoder, fixture: str) -> None:
    expected = reference.arrays(fixture)
    image = reference.random_image(1, *expected["input_shape"][2:])
    outputs = outputs_by_official_name(filled_network, image)
    assert {f"{name}__shape" for name in outputs} == {k for k in expected if k.endswith("__shape")}
    for name, found in outputs.items():
        reference.assert_same_output(found, expected, name)


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_and_multiply_accumulates_are_the_authors(variant: str) -> None:
    counts = reference.counts("fcn_dilated_vgg")[variant]
    model = network(variant, "meta")
    assert count_parameters(model) == int(counts["all_params"])
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == int(counts["trainable_params"])
    for size in ("1024x2048", "512x512", "512x1024"):
        assert count_macs(model, *map(int, size.split("x"))) == int(counts[f"macs_{size}"])
    assert counts["notes"].endswith(f"MACs at 500x500 = {count_macs(model, 500, 500)}")


def test_decoder_starts_as_the_authors() -> None:
    """Scores zero, skips scaled by 1e-2 to 1e-8, upsampling bilinear from each class to itself."""
    model = network("fcn2s_dilated_vgg16")
    model.init_weights()
    state = model.state_dict()
    kernel = reference.arrays("protocol_fcn")["bilinear4"]
    bilinear = torch.eye(21)[:, :, None, None] * torch.from_numpy(kernel).float()
    for name, weight in to_official(state, official_names(state)).items():
        if name.startswith("scale"):
            assert (weight == SCALES[name.removesuffix(".weight")]).all()
        elif "score" in name:
            assert torch.equal(weight, bilinear if name.startswith("upscore") else torch.zeros_like(weight))


def test_loss_is_the_authors_sum_over_valid_pixels() -> None:
    protocol = reference.arrays("protocol_fcn")
    scores, label, expected = (protocol[f"loss_{name}"] for name in ("score", "label", "sum"))
    head = network("fcn2s_dilated_vgg16", "meta").decode_head
    sample = SegDataSample(gt_sem_seg=PixelData(data=torch.from_numpy(label).long()))
    loss = head.loss_by_feat(torch.from_numpy(scores).float(), [sample])["loss_ce"]
    assert loss.item() == pytest.approx(float(expected), rel=1e-6)


def test_network_sees_bgr_minus_the_mean() -> None:
    """RGB to BGR, 0 to 255, minus (104.00698793, 116.66876762, 122.67891434); no padding, no scaling."""
    bgr = torch.randint(0, 256, (3, 5, 7), dtype=torch.uint8)
    preprocessor = network("fcn2s_dilated_vgg16").data_preprocessor
    mean = torch.tensor([104.00698793, 116.66876762, 122.67891434])[:, None, None]
    for training in (False, True):
        sample = SegDataSample(gt_sem_seg=PixelData(data=torch.zeros(1, 5, 7)))
        seen = preprocessor({"inputs": [bgr], "data_samples": [sample]}, training)["inputs"]
        assert torch.equal(seen, (bgr.float() - mean)[None])


@pytest.mark.parametrize("variant", ["fcn2s_dilated_vgg16", "fcn8s_vgg16"])
@pytest.mark.parametrize("size", [(1, 1), (33, 700), (97, 131), (699, 500)])
def test_logits_have_the_size_of_any_image(variant: str, size: tuple[int, int]) -> None:
    assert network(variant, "meta")(torch.empty(1, 3, *size, device="meta"), mode="tensor").shape == (1, 21, *size)


@pytest.mark.parametrize("variant", ["fcn2s_dilated_vgg16", "fcn8s_vgg16"])
def test_skips_lie_where_their_pixels_are(variant: str) -> None:
    """Maps that hold the image row of their pixels' centres sum to it, because bilinear interpolation is linear."""
    rows, head = 97, network(variant).decode_head
    sizes = {"pool1": 148, "pool2": 74, "pool3": 37, "pool4": 19, "pool5": 10}
    centres = {
        name: stride * torch.arange(sizes[name]) + (stride - 1) / 2 - 99
        for stride, name in zip((2, 4, 8, 16, 32), sizes, strict=True)
    }
    centres |= {"image": torch.arange(rows), "fc7": centres.pop("pool5")[3:-3]}
    inputs = tuple(
        centres[name].float()[:, None].expand(1, channels, -1, len(centres[name]))
        for name, channels in FEATURES.items()
    )
    _let_first_channel_pass(head)
    with torch.inference_mode():
        logits = head(inputs)
    expected = (1 + len(head.fusions)) * torch.arange(rows).float()
    # The outermost upsampled pixels have fewer neighbours than bilinear interpolation takes.
    inner = slice(30, 60)
    torch.testing.assert_close(logits[0, 0, inner, 48], expected[inner], rtol=0, atol=1e-3)


def _let_first_channel_pass(head: SkipHead) -> None:
    nn.init.ones_(head.score_fr.weight[:, 0])
    for fusion in head.fusions.values():
        scale = getattr(fusion.scale, "weight", torch.ones(1))[0].item()
        nn.init.constant_(fusion.score.weight[:, 0], 1 / scale)


def test_fcn8s_is_vgg_made_convolutional_with_two_skips() -> None:
    """Long et al. (2015), in substance.

    4.1: discard the classifier of the net, convert its fully connected layers to convolutions and append a 1x1
    convolution to 21 scores. 4.2: add the scores of a 1x1 convolution on `pool4` to the doubled scores, then those of
    `pool3` to the doubled sum, and enlarge the result eight times.
    """
    state = network("fcn8s_vgg16", "meta").state_dict()
    shapes = {name: tuple(weight.shape) for name, weight in to_official(state, official_names(state)).items()}
    assert shapes["fc6.weight"] == (4096, 512, 7, 7)
    assert shapes["fc7.weight"] == (4096, 4096, 1, 1)
    assert [name for name in shapes if "score" in name and name.endswith("weight")] == [
        "score_fr.weight",
        "upscore2.weight",
        "score_pool4.weight",
        "upscore_pool4.weight",
        "score_pool3.weight",
        "upscore8.weight",
    ]
    assert shapes["upscore8.weight"] == (21, 21, 16, 16)
    # VGG16 has 138 357 544 parameters, of which the discarded classifier has 4 097 000.
    decoder = 21 * (4096 + 1 + 512 + 1 + 256 + 1) + 21 * 21 * (2 * 4 * 4 + 16 * 16)
    assert sum(np.prod(shape) for shape in shapes.values()) == 138_357_544 - 4_097_000 + decoder


def test_fcn8s_learns_all_but_its_last_upsampling() -> None:
    """Long et al. (2015), 4.3, in substance.

    The filters of the last deconvolution are fixed to bilinear interpolation; those before start so and are learnt.
    """
    head = network("fcn8s_vgg16", "meta").decode_head
    assert [name for name, p in head.named_parameters() if not p.requires_grad] == ["conv_seg.weight"]
    head = type(head)(num_classes=21)
    half, eighth = (torch.from_numpy(1 - np.abs(np.arange(2 * f) - f + 0.5) / f).float() for f in (2, 8))
    for up, line in [(head.fusions["pool4"].up, half), (head.fusions["pool3"].up, half), (head.conv_seg, eighth)]:
        assert torch.equal(up.weight, torch.eye(21)[:, :, None, None] * torch.outer(line, line))

"""Multi-scale and sliding-window inference: the authors' evaluators, and no pass made twice."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder, SegTTAModel
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import conv2d

from data_manifests import loader
from data_manifests.schemas.protocol import Inference
from mmseg_plugins.evaluation.inference import Passes, enlarged, scores
from mmseg_plugins.evaluation.scaled_images import scaled_images, scaled_size
from mmseg_plugins.evaluation.sliding_window import tiling
from mmseg_plugins.networks.network import build_network
from segrepro.errors import SegReproError
from tests import reference

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
DATASETS = {"cityscapes": "cityscapes", "voc": "voc2012"}


@MODELS.register_module(force=True)
class StubBackbone(nn.Module):
    """The network of the reference: logits = 3x3 convolution + a vector times the mean over what the network sees."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.kernel = torch.from_numpy(np.random.default_rng(21).standard_normal((classes, 3, 3, 3)) / 5).float()
        self.of_mean = torch.from_numpy(np.random.default_rng(22).standard_normal((classes, 3))).float()
        self.seen: list[Tensor] = []

    def forward(self, image: Tensor) -> list[Tensor]:
        self.seen.append(image.clone())
        mean = torch.einsum("kc,nc->nk", self.of_mean, image.mean(dim=(2, 3)))
        return [conv2d(image, self.kernel, padding=1) + mean[:, :, None, None]]


@MODELS.register_module(force=True)
class StubHead(BaseDecodeHead):
    """Hands the backbone's maps on as logits."""

    def __init__(self, classes: int, align_corners: bool) -> None:
        super().__init__(classes, classes, num_classes=classes, align_corners=align_corners)

    def forward(self, inputs: list[Tensor]) -> Tensor:
        return inputs[0]


def stub(classes: int = 19, *, align_corners: bool = False, **preprocessor: object) -> EncoderDecoder:
    """The stub within MMSegmentation's segmentor; `preprocessor` normalises."""
    return build_network(
        Config(
            {
                "model": {
                    "type": "EncoderDecoder",
                    "data_preprocessor": {"type": "SegDataPreProcessor", **preprocessor},
                    "backbone": {"type": "StubBackbone", "classes": classes},
                    "decode_head": {"type": "StubHead", "classes": classes, "align_corners": align_corners},
                    "test_cfg": {"mode": "whole"},
                }
            }
        )
    ).eval()


def item(image: np.ndarray | Tensor, target: tuple[int, int] | None = None) -> dict:
    """One item as `PackSegInputs` makes it; its logits are brought to the size `target`, by default the image's."""
    inputs = torch.as_tensor(image)
    size = tuple(inputs.shape[1:])
    sample = SegDataSample(metainfo={"img_path": "a.png", "img_shape": size, "ori_shape": target or size})
    sample.gt_sem_seg = PixelData(data=torch.zeros(1, *size, dtype=torch.long))
    return {"inputs": inputs, "data_samples": sample}


@torch.inference_mode()
def evaluated(network: EncoderDecoder, of: dict, *rules: Inference | None) -> list[Tensor]:
    named = {str(i): rule for i, rule in enumerate(rules)}
    passes = Passes(network, of, scaled_images(of["inputs"], rules, "a.png"), named, check=lambda logits: None)
    return [scores(rule, passes) for rule in rules]


def changed(protocol: str, **changes: object) -> Inference:
    """The inference of a protocol with other sizes, as the fixtures are small."""
    rule = loader.protocols()[protocol].inference.model_dump()
    for field, value in changes.items():
        rule[field] = {**rule[field], **value} if isinstance(value, dict) else value
    return Inference.model_validate(rule)


# ---- the authors' evaluators


def test_ldns_scores_and_labels_are_the_authors() -> None:
    expected = reference.arrays("protocol_ldn")
    network = stub(mean=[73.45286, 83.21195, 72.78044], std=[45.19961, 46.3659, 45.48506], bgr_to_rgb=True)
    image = torch.from_numpy(expected["ms_image_rgb"]).permute(2, 0, 1).flip(0)  # read with OpenCV, so BGR
    target = tuple(expected["ms_target_size"].tolist())
    rule = loader.protocols()["ldn_multi_scale_flip"].inference
    (found,) = evaluated(network, item(image, target), rule)
    np.testing.assert_allclose(found[:, :, ::9, ::9] / 10, expected["ms_stub_prob_stride9"], rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(found.argmax(dim=1), expected["ms_stub_pred"])
    # The two smallest scales of so small an image have one size, and so one pass.
    plain = network.backbone.seen[::2]
    assert [list(seen.shape[2:]) for seen in plain] == expected["ms_sizes_hw"].tolist()[1:]
    np.testing.assert_allclose(plain[0][0], expected["ms_level0"], rtol=1e-5, atol=1e-6)
    for seen, total in zip(plain, expected["ms_level_sums"][1:], strict=True):
        assert seen.double().sum().item() == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize(
    ("fixture", "case", "protocol", "changes"),
    [
        ("lw18", "default18", "shelfnet18_lw", {"window": {"crop": 64, "stride": 64}}),
        ("lw34", "default18", "shelfnet18_lw", {"window": {"crop": 64, "stride": 54}}),
        ("lw34", "default34", "shelfnet34_lw", {"window": {"crop": 64, "stride": 54}}),
        ("lw18", "small", "shelfnet34_lw", {"window": {"crop": 64, "stride": 64}, "scales": [0.25, 0.5]}),
        ("lw34", "small", "shelfnet34_lw", {"window": {"crop": 64, "stride": 54}, "scales": [0.25, 0.5]}),
    ],
)
def test_lightweight_shelfnets_scores_and_labels_are_the_authors(
    fixture: str, case: str, protocol: str, changes: dict
) -> None:
    expected = reference.arrays(f"protocol_shelfnet_{fixture}")
    image = np.random.default_rng(20).standard_normal((1, 3, 96, 200)).astype(np.float32)[0]
    (found,) = evaluated(stub(align_corners=True), item(image), changed(protocol, **changes))
    np.testing.assert_allclose(found[:, :, ::7, ::7], expected[f"msc_{case}_prob_stride7"], rtol=1e-5, atol=1e-6)
    assert found.double().sum().item() == pytest.approx(expected[f"msc_{case}_prob_sum"], rel=1e-6)
    np.testing.assert_array_equal(found.argmax(dim=1), expected[f"msc_{case}_pred"])


@pytest.mark.parametrize("case", ["default", "single"])
@pytest.mark.parametrize("data", ["cityscapes", "voc"])
def test_shelfnets_scores_and_labels_are_the_authors(data: str, case: str) -> None:
    """Whatever the config normalises by: what pads a window is ImageNet's black, on Cityscapes too."""
    expected = reference.arrays("protocol_shelfnet_orig")
    statistics = Config.fromfile(CONFIGS / DATASETS[data] / "shelfnet50.py").model.data_preprocessor
    mean, std = (np.reshape(statistics[of], (3, 1, 1)) for of in ("mean", "std"))
    normalised = np.random.default_rng(20).standard_normal((1, 3, 75, 110))[0]
    image = np.ascontiguousarray((normalised * std + mean)[::-1], np.float32)  # RGB, and images are read as BGR
    name = f"shelfnet_{data}" + ("_single_scale" if case == "single" else "")
    small = {"resize": {"longer_side": 104}, "window": {"crop": 96, "stride": 64}}
    network = stub(21, align_corners=True, mean=statistics.mean, std=statistics.std, bgr_to_rgb=True)
    (found,) = evaluated(network, item(image), changed(name, **small))
    np.testing.assert_allclose(found[:, :, ::6, ::6], expected[f"multi_{case}_scores_stride6"], rtol=1e-5)
    assert found.double().sum().item() == pytest.approx(expected[f"multi_{case}_sum"], rel=1e-5)
    np.testing.assert_array_equal(found.argmax(dim=1), expected[f"multi_{case}_pred"])


# ---- maps of classes that are enlarged


def test_a_map_of_classes_is_doubled_pixel_by_pixel() -> None:
    small = torch.tensor([[0, 1, 2], [3, 4, 5]])
    by_hand = [[0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2], [3, 3, 4, 4, 5, 5], [3, 3, 4, 4, 5, 5]]
    assert enlarged(small, (4, 6)).tolist() == by_hand
    assert cv2.resize(small.numpy().astype(np.uint8), (6, 4), interpolation=cv2.INTER_NEAREST).tolist() == by_hand
    assert np.array(Image.fromarray(small.numpy().astype(np.uint8)).resize((6, 4), Image.NEAREST)).tolist() == by_hand


def test_at_other_factors_the_pixel_is_the_one_that_opencv_picks_and_pillow_picks_another() -> None:
    row = np.array([[0, 1, 2]], np.uint8)
    # floor(x * 3 / 5); Pillow takes floor((x + 1/2) * 3 / 5).
    assert enlarged(torch.from_numpy(row).long(), (1, 5)).tolist() == [[0, 0, 1, 1, 2]]
    assert cv2.resize(row, (5, 1), interpolation=cv2.INTER_NEAREST).tolist() == [[0, 0, 1, 1, 2]]
    assert np.array(Image.fromarray(row).resize((5, 1), Image.NEAREST)).tolist() == [[0, 0, 1, 2, 2]]


@pytest.mark.parametrize("size", [(1024, 2048), (360, 480), (97, 201), (7, 11)])
def test_every_size_is_that_of_opencv(size: tuple[int, int]) -> None:
    small = np.random.default_rng(0).integers(0, 20, (64, 128), np.uint8)
    expected = cv2.resize(small, size[::-1], interpolation=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(enlarged(torch.from_numpy(small).long(), size).numpy(), expected)


def test_both_enlargements_come_from_one_pass_and_differ_at_borders() -> None:
    rule = loader.protocols()["espnet_cityscapes"].inference
    scene = np.zeros((3, 8, 16), np.uint8)
    scene[0, :, 8:], scene[1, :, :8] = 100, 10  # the class that is surer of itself spreads, where logits are resized
    network = stub(classes=3)
    standard, authors = evaluated(network, item(scene, target=(16, 32)), None, rule)
    assert len(network.backbone.seen) == 1
    assert standard.shape[2:] == (16, 32)
    assert authors.shape[2:] == (8, 16)
    by_hand = np.repeat(np.repeat(authors[0].argmax(dim=0).numpy(), 2, axis=0), 2, axis=1)
    found = enlarged(authors.max(dim=1).indices[0], (16, 32))
    np.testing.assert_array_equal(found.numpy(), by_hand)
    assert not torch.equal(found, standard.max(dim=1).indices[0])


# ---- what a pass costs


def test_rules_share_the_passes_that_they_have_in_common() -> None:
    protocols = loader.protocols()
    image = np.random.default_rng(0).integers(0, 256, (3, 64, 128), np.uint8)
    rules = (None, protocols["ldn_multi_scale"].inference, protocols["ldn_multi_scale_flip"].inference)
    network = stub(mean=[100.0] * 3, std=[50.0] * 3)
    together = evaluated(network, item(image), *rules)
    # Scales 0.5 and 0.75 have one size here, so there are four, one of which is the single scale; and four mirrored.
    assert len(network.backbone.seen) == 8
    for rule, scored in zip(rules, together, strict=True):
        (alone,) = evaluated(network, item(image), rule)
        assert torch.equal(alone, scored)


def test_no_logits_are_kept_once_all_rules_have_had_them() -> None:
    protocols = loader.protocols()
    named = ("ldn_multi_scale_flip", "espnet_cityscapes")
    rules: dict[str, Inference | None] = {"single": None, **{name: protocols[name].inference for name in named}}
    of = item(np.zeros((3, 64, 128), np.uint8))
    scaled = scaled_images(of["inputs"], rules.values(), "a.png")
    passes = Passes(stub(), of, scaled, rules, check=lambda logits: None)
    with torch.inference_mode():
        for asked in rules.values():
            scores(asked, passes)
    assert not passes._cached


def test_the_network_sees_what_was_resized_before_its_turn() -> None:
    rule = changed("mmseg_tta", scales=[1, 0.5], flip=False)
    network, of = stub(), item(np.full((3, 64, 128), 200, np.uint8))
    scaled = {((32, 64), "opencv_bilinear"): torch.full((3, 32, 64), 7, dtype=torch.uint8)}
    assert scaled_images(of["inputs"], [None, rule], "a.png").keys() == scaled.keys()
    with torch.inference_mode():
        scores(rule, Passes(network, of, scaled, {"rule": rule}, check=lambda logits: None))
    assert [(tuple(seen.shape[2:]), seen.unique().tolist()) for seen in network.backbone.seen] == [
        ((64, 128), [200]),
        ((32, 64), [7]),
    ]


@pytest.mark.parametrize("protocol", ["ldn_multi_scale", "mmseg_tta"])
def test_an_image_that_is_not_of_8_bits_is_not_resized_as_if_it_were(protocol: str) -> None:
    image = torch.zeros(3, 64, 128)
    rules = loader.protocols()
    with pytest.raises(SegReproError, match=r"a\.png: found pixels of torch\.float32; expected uint8, .*to_float32"):
        scaled_images(image, [None, rules[protocol].inference], "a.png")
    assert scaled_images(image, [None, rules["shelfnet_voc"].inference], "a.png") == {}


def test_a_network_that_slides_by_its_config_has_a_whole_pass_for_the_rule() -> None:
    network = stub()
    network.test_cfg.update(mode="slide", crop_size=(32, 32), stride=(32, 32))
    image = np.random.default_rng(0).integers(0, 256, (3, 64, 64), np.uint8)
    rule = changed("ldn_multi_scale", scales=[1])
    slid, whole = evaluated(network, item(image), None, rule)
    assert [tuple(seen.shape[2:]) for seen in network.backbone.seen] == [(32, 32)] * 4 + [(64, 64)]
    assert not torch.equal(slid.softmax(dim=1), whole)


# ---- beside MMSegmentation


@pytest.mark.parametrize("preprocessor", [{}, {"test_cfg": {"size_divisor": 32}}], ids=["plain", "padded"])
# Of the last two, some scales have a side that is a pixel shorter than the side times the scale.
@pytest.mark.parametrize("size", [(60, 90), (211, 500), (331, 498)], ids=str)
def test_its_test_time_augmentation_gives_the_same(size: tuple[int, int], preprocessor: dict, tmp_path: Path) -> None:
    image = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8), (0, 0), 2)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    network = stub(mean=[100.0] * 3, std=[50.0] * 3, **preprocessor)
    rule = loader.protocols()["mmseg_tta"].inference
    resizes = [{"type": "Resize", "scale_factor": scale, "keep_ratio": True} for scale in rule.scales]
    flips = [{"type": "RandomFlip", "prob": prob, "direction": "horizontal"} for prob in (0.0, 1.0)]
    augment = {"type": "TestTimeAug", "transforms": [resizes, flips, [{"type": "PackSegInputs"}]]}
    pipeline = Compose([{"type": "LoadImageFromFile"}, augment])
    packed = pipeline({"img_path": str(tmp_path / "a.png"), "reduce_zero_label": False, "seg_fields": []})
    theirs = SegTTAModel(module=network)
    with torch.inference_mode():
        (expected,) = theirs.test_step(pseudo_collate([packed]))
        probabilities = _probabilities(theirs, packed)
    (found,) = evaluated(network, item(image.transpose(2, 0, 1)), rule)
    np.testing.assert_allclose(found[0] / 12, probabilities, atol=1e-6)
    np.testing.assert_array_equal(found.argmax(dim=1), expected.pred_sem_seg.data)
    assert len(expected.pred_sem_seg.data.unique()) > 1


def _probabilities(model: SegTTAModel, packed: dict) -> Tensor:
    """Those that MMSegmentation's model averages, which it does not keep."""
    passes = zip(packed["inputs"], packed["data_samples"], strict=True)
    made = [model.module.test_step({"inputs": [x], "data_samples": [s]})[0].seg_logits.data for x, s in passes]
    return torch.stack([logits.softmax(dim=0) for logits in made]).mean(dim=0)


# ---- sizes and windows


@pytest.mark.parametrize(
    ("protocol", "scale", "size", "expected"),
    [
        ("ldn_multi_scale", 0.75, (1024, 2048), (768, 1536)),
        ("ldn_multi_scale", 0.5, (1000, 2000), (512, 1024)),
        # 64.5 goes to the even 64; rounded up, it would need one multiple of 64 more.
        ("ldn_multi_scale", 0.75, (86, 2048), (64, 1536)),
        ("mmseg_tta", 0.75, (50, 90), (38, 68)),
        ("mmseg_tta", 0.75, (211, 500), (158, 374)),
        ("shelfnet34_lw", 0.75, (50, 91), (37, 68)),
        ("shelfnet_cityscapes", 1.75, (1024, 2048), (896, 1792)),
        ("shelfnet_voc", 0.75, (500, 375), (456, 342)),
        ("shelfnet_voc", 1, (333, 500), (405, 608)),
    ],
)
def test_sizes(protocol: str, scale: float, size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert scaled_size(size, scale, loader.protocols()[protocol].inference.resize) == expected


def test_windows_of_cityscapes() -> None:
    halves = tiling((1024, 2048), loader.protocols()["shelfnet18_lw"].inference.window)
    assert halves == ((0, 0, 0, 0), ((0, 0, 1024, 1024), (0, 1024, 1024, 1024)))
    reduced = tiling((768, 1536), loader.protocols()["shelfnet34_lw"].inference.window)
    assert reduced.pad == (0, 0, 128, 128)
    assert [(tile.top, tile.left) for tile in reduced.tiles] == [(0, 0), (0, 512)]
    longer = tiling((512, 1024), loader.protocols()["shelfnet_cityscapes"].inference.window)
    assert longer == ((0, 0, 0, 256), ((0, 0, 768, 768), (0, 512, 768, 512)))


def test_of_an_odd_margin_the_extra_pixel_is_at_the_end() -> None:
    window = loader.protocols()["shelfnet18_lw"].inference.window
    assert tiling((1023, 1021), window).pad == (1, 2, 0, 1)


def test_what_windows_are_padded_with_is_the_authors_number() -> None:
    """Black as ImageNet's statistics normalise it (-2.118, -2.036, -1.804 for R, G, B); zero of ShelfNet-lw."""
    protocols, imagenet = loader.protocols(), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    black = [-mean / std for mean, std in zip(*imagenet, strict=True)]
    windowed = {name: rule.inference.window for name, rule in protocols.items() if rule.inference is not None}
    fills = {name: window.fill for name, window in windowed.items() if window is not None}
    assert len(fills) == 7
    for name, fill in fills.items():
        assert fill == pytest.approx([0] * 3 if name.endswith("_lw") else black, abs=1e-7), name


@pytest.mark.parametrize("bgr_to_rgb", [True, False])
def test_padding_is_that_of_the_protocol_in_the_order_of_the_networks_channels(bgr_to_rgb: bool) -> None:
    fill = (-2.0, -2.25, -4.0)
    rule = changed("shelfnet_voc_single_scale", window={"fill": fill})
    network = stub(mean=[100.0, 90.0, 80.0], std=[50.0, 40.0, 20.0], bgr_to_rgb=bgr_to_rgb)
    evaluated(network, item(np.full((3, 300, 608), 200, np.uint8)), rule)
    assert [tuple(seen.shape) for seen in network.backbone.seen] == [(1, 3, 512, 512)] * 4
    plain, other = network.backbone.seen[0], network.backbone.seen[2]
    assert plain[0, :, 0, 0].tolist() == plain[0, :, 299, 511].tolist() == [2.0, 2.75, 6.0]
    # The second window of the row reaches beyond the image at the right as well.
    for below in (plain[0, :, 300, 0], other[0, :, 300, 0], other[0, :, 0, 511]):
        assert below.tolist() == list(fill if bgr_to_rgb else fill[::-1])


def test_an_input_that_the_config_pads_cannot_go_straight_to_the_image() -> None:
    network = stub(test_cfg={"size_divisor": 128})
    rule = changed("ldn_multi_scale", scales=[0.5])
    with pytest.raises(SegReproError, match=r"a\.png: at \(64, 192\): found an input that the config pads"):
        evaluated(network, item(np.zeros((3, 128, 320), np.uint8)), rule)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"resize": {"longer_side": None}}, "longer_side with size: longer_side"),
        ({"window": {"stride": 800}}, "a stride of at most 768"),
        ({"window": None}, "upsampling where there is no window"),
        ({"upsampling": "logits_once"}, "upsampling where there is no window"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        changed("shelfnet_cityscapes", **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scales": [1, 2]}, "scale 1 without flip where there is no fuse"),
        ({"flip": True}, "scale 1 without flip where there is no fuse"),
        ({"fuse": "softmax"}, "no fuse with upsampling: class_map"),
        ({"upsampling": "logits_once"}, "no fuse with upsampling: class_map"),
    ],
)
def test_a_map_of_classes_comes_from_one_pass(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        changed("espnet_cityscapes", **changes)

"""The recipe of Ladder DenseNet: its losses, what is fed, what is optimised, and where training starts."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.registry import DATASETS
from mmseg.structures import SegDataSample
from PIL import Image
from torch.nn.functional import cross_entropy, interpolate, log_softmax
from torchvision.models import get_model, get_weight

from data_manifests import loader
from mmseg_plugins.networks.ldn.backbone import LDNEncoder
from mmseg_plugins.networks.ldn.imagenet import from_imagenet
from mmseg_plugins.networks.ldn.loss import soft_cross_entropy, soft_targets
from mmseg_plugins.networks.network import build_network
from segrepro.errors import SegReproError
from tests import reference
from tests.test_ldn import fixture_input, network

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs"
DEPTHS = (121, 161, 169, 201)
SIDES = (64, 32, 16, 8)
WEIGHT = 0.3
PADDED = 7
"""A seed that draws a scale at which the image is lower than the crop."""


@cache
def read(name: str) -> Config:
    """The config, read once; nobody changes it."""
    return Config.fromfile(CONFIGS / f"{name}.py")


def weightless(config: Config) -> EncoderDecoder:
    with torch.device("meta"):
        return build_network(config)


def samples(labels: torch.Tensor) -> list[SegDataSample]:
    return [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]


def pyramid_labels() -> torch.Tensor:
    """The labels (2, 128, 128) that the authors' soft targets were made of, with void 255 instead of 19."""
    labels = torch.from_numpy(reference.arrays("protocol_ldn")["pyr_labels"]).long()
    return torch.where(labels == 19, 255, labels)


# ---- losses ----


@pytest.mark.parametrize("side", SIDES)
def test_soft_targets_are_the_authors(side: int) -> None:
    protocol = reference.arrays("protocol_ldn")
    targets, counts = soft_targets(pyramid_labels(), side, num_classes=19, ignore_index=255)
    assert targets.shape == (2, 19, 128 // side, 128 // side)
    np.testing.assert_array_equal(targets.permute(0, 2, 3, 1).reshape(-1, 19), protocol[f"pyr{side}_target"])
    np.testing.assert_array_equal(counts.flatten(), protocol[f"pyr{side}_valid"])


def test_half_void_cell_does_not_count() -> None:
    labels = torch.full((1, 8, 16), 3)
    labels[0, :4] = 255
    labels[0, 4, 15] = labels[0, 3, 8] = 3
    labels[0, 3, 9] = 5
    targets, counts = soft_targets(labels, 8, num_classes=19, ignore_index=255)
    assert counts.tolist() == [[[False, True]]]
    assert targets[0, [3, 5], 0, 1].tolist() == pytest.approx([33 / 34, 1 / 34])


def test_losses_are_of_every_classifier_against_the_authors_targets() -> None:
    protocol, labels = reference.arrays("protocol_ldn"), pyramid_labels()
    torch.manual_seed(0)
    model = network("ldn121_aux").double()
    model.decode_head.auxiliary_weight = WEIGHT
    image = fixture_input(2, 128, 128).double()
    losses = model.loss(image, samples(labels))
    with torch.no_grad():
        logits, auxiliary = model.decode_head.forward_all(model.extract_feat(image))

    full = interpolate(logits, (128, 128), mode="bilinear", align_corners=False)
    expected = {"loss_ce": (1 - WEIGHT) * cross_entropy(full, labels, ignore_index=255)}
    for side, level in zip(SIDES, auxiliary, strict=True):
        scores = log_softmax(level, 1).permute(0, 2, 3, 1).reshape(-1, 19)
        per_cell = -(torch.from_numpy(protocol[f"pyr{side}_target"]).double() * scores).sum(1)
        valid = torch.from_numpy(protocol[f"pyr{side}_valid"])
        expected[f"loss_aux_{side}"] = WEIGHT / 4 * per_cell[valid].mean()
    found = {name.removeprefix("decode."): value.item() for name, value in losses.items() if "loss" in name}
    assert found == {name: pytest.approx(value.item(), rel=1e-6) for name, value in expected.items()}


def test_without_auxiliary_classifiers_the_loss_is_plain() -> None:
    losses = network("ldn121").loss(fixture_input(1, 64, 64), samples(torch.zeros(1, 64, 64, dtype=torch.long)))
    assert [name for name in losses if "loss" in name] == ["decode.loss_ce"]


def test_gradients_reach_every_classifier() -> None:
    model = network("ldn121_aux").train()
    losses = model.loss(fixture_input(2, 64, 128), samples(torch.zeros(2, 64, 128, dtype=torch.long)))
    sum(value for name, value in losses.items() if "loss" in name).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_crop_without_labelled_pixels_has_no_auxiliary_loss() -> None:
    logits = torch.randn(1, 19, 2, 2, requires_grad=True)
    loss = soft_cross_entropy(logits, *soft_targets(torch.full((1, 16, 16), 255), 8, 19, 255))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


def test_label_map_that_cannot_be_cut_into_cells_is_refused() -> None:
    labels = torch.zeros(2, 128, 100, dtype=torch.long)
    with pytest.raises(SegReproError, match="found 100x128 pixels; expected sides that are multiples of 64"):
        network("ldn121_aux").loss(fixture_input(2, 128, 100), samples(labels))


# ---- the configs ----


@pytest.mark.parametrize("depth", DEPTHS)
def test_config_trains_the_reference_network_with_auxiliary_classifiers(depth: int) -> None:
    config = read(f"cityscapes/ldn{depth}")
    model = weightless(config)
    expected = network_shapes(f"ldn{depth}_aux")
    assert {name: value.shape for name, value in model.state_dict().items()} == expected
    assert model.decode_head.auxiliary_weight == WEIGHT
    assert model.backbone.checkpointing
    assert model.decode_head.checkpointing
    init = config.model.backbone.init_cfg
    assert init.type == "ImageNetInit"
    assert type(get_weight(init.weights)).__name__ == f"DenseNet{depth}_Weights"


def test_each_score_goes_by_the_scales_that_it_was_made_with() -> None:
    claims = [claim for claim in loader.claims() if claim.paper == "ladder_densenet_2019"]
    assert {claim.variant for claim in claims} == {"ldn121"}
    assert {claim.id: claim.scoring for claim in claims} == {
        "ldn19.code.single-scale.miou": "standard",
        "ldn19.code.multi-scale-flip.miou": "ldn_multi_scale_flip",
        "ldn19.code.multi-scale-noflip.miou": "ldn_multi_scale",
    }
    for claim in claims:
        rule = loader.protocols()[claim.scoring].inference
        scales = (1.0,) if rule is None else rule.scales
        assert (scales, rule is not None and rule.flip) == (claim.protocol["eval_scales"], claim.protocol["eval_flip"])


def network_shapes(variant: str) -> dict[str, torch.Size]:
    with torch.device("meta"):
        return {name: value.shape for name, value in network(variant).state_dict().items()}


def test_embedded_dataset_trains_it_with_all_losses() -> None:
    config = read("synthcity/ldn121")
    model = weightless(config)
    assert {name: value.shape for name, value in model.state_dict().items()} == network_shapes("ldn121_aux")
    assert config.model.backbone.get("init_cfg") is None
    (crop,) = (step.crop_size for step in config.train_pipeline if step.type == "RandomCrop")
    assert all(side % 64 == 0 for side in crop)


def test_rates_and_decays_are_the_recipes() -> None:
    config = read("cityscapes/ldn121")
    model = weightless(config)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    groups = {group["params"][0]: group for group in wrapper.optimizer.param_groups}
    assert type(wrapper.optimizer) is torch.optim.Adam
    assert groups.keys() == set(model.parameters())
    for name, parameter in model.named_parameters():
        rate = 5e-4 / 5 if name.startswith("backbone.") else 5e-4
        decay = 1e-4 if parameter.ndim == 4 and ".classify." not in name else 0.0
        assert groups[parameter]["lr"] == pytest.approx(rate, rel=1e-12), name
        assert groups[parameter]["weight_decay"] == decay, name


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, np.ndarray]:
    """A folder with one training image of 2048x1024; the image (BGR) and its train ids."""
    root = tmp_path_factory.mktemp("cityscapes")
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (128, 256, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    labels = random.choice([*range(19), 255], (256, 512)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
    for suffix, content in (("leftImg8bit", image), ("gtFine_labelTrainIds", labels)):
        folder = root / suffix.partition("_")[0] / "train/town"
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / f"town_000000_000019_{suffix}.png"), content)
    return root, image, labels


def training_item(root: Path, seed: int) -> dict:
    init_default_scope("mmseg")
    described = read("cityscapes/ldn121").train_dataloader.dataset.dataset
    dataset = DATASETS.build({**described, "data_root": str(root)})
    np.random.seed(seed)
    return dataset[0]


@pytest.mark.parametrize(("seed", "padded"), [(0, False), (2, False), (PADDED, True)])
def test_training_crop_is_scaled_as_pillow_does_then_cropped_and_padded(
    seed: int, padded: bool, town: tuple[Path, np.ndarray, np.ndarray]
) -> None:
    root, image, labels = town
    item = training_item(root, seed)
    found, found_labels = item["inputs"].numpy().transpose(1, 2, 0), item["data_samples"].gt_sem_seg.data[0].numpy()

    np.random.seed(seed)
    scale = 0.5 + 1.5 * np.random.random_sample()
    width, height = int(2048 * scale), int(1024 * scale)
    top, left = np.random.randint(0, max(height - 768, 0) + 1), np.random.randint(0, width - 768 + 1)
    cut = (slice(top, top + 768), slice(left, left + 768))
    expected = np.array(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))[cut]
    expected_labels = np.array(Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST))[cut]
    first = round((768 - expected.shape[0]) / 2)
    assert padded == (first > 0)
    inside = slice(first, first + expected.shape[0])

    assert found.shape == (768, 768, 3)
    step = 1 if np.array_equal(found[inside], expected) else -1
    np.testing.assert_array_equal(found[inside], expected[:, ::step])
    np.testing.assert_array_equal(found_labels[inside], expected_labels[:, ::step])
    margin = np.ones(768, bool)
    margin[inside] = False
    assert (found[margin] == (73, 83, 73)).all()
    assert (found_labels[margin] == 255).all()


def test_input_is_normalised_as_the_authors(town: tuple[Path, np.ndarray, np.ndarray]) -> None:
    """RGB in 0..255; what is padded is zero but for rounding."""
    item = training_item(town[0], PADDED)
    batch = build_network(read("cityscapes/ldn121")).data_preprocessor(pseudo_collate([item]), True)
    image = item["inputs"].numpy()[::-1].astype(np.float64)
    mean = np.array([73.45286, 83.21195, 72.78044])[:, None, None]
    std = np.array([45.19961, 46.3659, 45.48506])[:, None, None]
    np.testing.assert_allclose(batch["inputs"][0], (image - mean) / std, atol=2e-6)
    assert batch["inputs"][0, :, 0].abs().max() < 0.011


# ---- where training starts ----


@pytest.mark.parametrize("depth", [121, 161])
def test_encoder_starts_from_torchvisions_weights(depth: int) -> None:
    theirs = get_model(f"densenet{depth}", weights=None).state_dict()
    theirs = {name: torch.rand(value.shape) if value.ndim else value for name, value in theirs.items()}
    encoder = LDNEncoder(depth)
    start = from_imagenet(theirs, encoder.state_dict())
    assert list(start) == list(encoder.state_dict())
    assert all(torch.equal(value, theirs[name]) for name, value in start.items())
    assert {name.rpartition(".")[0] for name in theirs.keys() - start.keys()} == {"classifier", "features.norm5"}
    encoder.load_state_dict(start, strict=True)


def test_weights_of_another_depth_are_refused() -> None:
    theirs = get_model("densenet169", weights=None).state_dict()
    with pytest.raises(SegReproError, match=r"of another shape: features\.transition3\.norm\.weight 1280 for 1024"):
        from_imagenet(theirs, LDNEncoder(121).state_dict())
    with pytest.raises(SegReproError, match=r"1 missing: features\.conv0\.weight"):
        from_imagenet({n: v for n, v in theirs.items() if n != "features.conv0.weight"}, LDNEncoder(169).state_dict())

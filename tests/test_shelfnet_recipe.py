"""The recipes are the authors': losses, learning rates, decay, augmentation, stages and what they start from."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from PIL import Image, ImageEnhance, ImageFilter
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchvision.models import get_model

import mmseg_plugins.networks.shelfnet
import mmseg_plugins.training  # noqa: F401  registers the constructor of the optimiser
from data_manifests import loader
from mmseg_plugins.datasets import ColorJitter, EnlargeToCrop, PadReflect, RandomGaussianBlur, RandomRotateReflect
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.networks.shelfnet.backbone import ShelfNetLWResNet, ShelfNetResNet
from mmseg_plugins.networks.shelfnet.imagenet import from_imagenet
from mmseg_plugins.networks.shelfnet.layers import ABN
from mmseg_plugins.networks.shelfnet.loss import ShelfNetOHEMLoss, mean_of_hard
from segrepro.errors import SegReproError
from tests import reference

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
BASE = CONFIGS / "_base_"
ALL = sorted(str(path.relative_to(CONFIGS)) for path in CONFIGS.glob("*/shelfnet*.py"))
DATASETS = {"Cityscapes": "cityscapes", "PASCAL Context": "pascal_context", "PASCAL VOC 2012": "voc2012"}
EPOCHS = {  # epochs, images
    "cityscapes/shelfnet50.py": (240, 2975),
    "cityscapes/shelfnet101.py": (240, 2975),
    "cityscapes/shelfnet50_coarse.py": (240, 2975),
    "cityscapes_coarse/shelfnet50.py": (60, 19997),
    "pascal_context/shelfnet50.py": (80, 4996),
    "pascal_context/shelfnet101.py": (80, 4996),
    **{
        f"voc2012/shelfnet{depth}{stage}.py": (50, images)
        for depth in (50, 101)
        for stage, images in (("", 2913), ("_without_coco", 2913), ("_aug", 11355), ("_without_coco_aug", 11355))
    },
}


def protocol(name: str) -> dict[str, np.ndarray]:
    return reference.arrays(f"protocol_shelfnet_{name}")


# ---- losses ----


@pytest.mark.parametrize("variant", ["lw18", "lw34"])
def test_hard_pixels_loss_is_the_authors(variant: str) -> None:
    fixture = protocol(variant)
    logits, labels = torch.from_numpy(fixture["ohem_logits"]), torch.from_numpy(fixture["ohem_labels"]).long()
    losses = cross_entropy(logits, labels, reduction="none", ignore_index=255).flatten()
    for least in (72, 600, 1000):
        found = mean_of_hard(losses, -np.log(0.7), least)
        assert found.item() == pytest.approx(fixture[f"ohem_thresh0.7_nmin{least}"], rel=1e-6)
    assert labels.numel() // 16 == 72
    found = ShelfNetOHEMLoss(thresh=0.7, pixels_per_kept=16)(logits, labels)
    assert found.item() == pytest.approx(fixture["ohem_thresh0.7_nmin72"], rel=1e-6)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 4.0]), min_size=2, max_size=40), st.data())
def test_counting_gives_what_the_authors_sorting_gives(values: list[float], data: st.DataObject) -> None:
    least = data.draw(st.integers(1, len(values) - 1))
    ordered = sorted(values, reverse=True)
    expected = [value for value in ordered if value > 0.5] if ordered[least] > 0.5 else ordered[:least]
    assert mean_of_hard(torch.tensor(values), 0.5, least).item() == pytest.approx(np.mean(expected))


def test_ignored_pixels_thin_out_the_mean_when_valid_ones_are_few() -> None:
    logits, labels = torch.zeros(1, 19, 8, 8), torch.full((1, 8, 8), 255)
    labels[0, 0, 0] = 3
    assert ShelfNetOHEMLoss(0.7, 16)(logits, labels).item() == pytest.approx(np.log(19) / 4)


def test_gradient_reaches_the_hard_pixels_alone() -> None:
    logits = torch.zeros(1, 19, 8, 8)
    logits[0, 0, :4] = 100  # half of the pixels are sure of class 0, which is right
    logits.requires_grad_()
    ShelfNetOHEMLoss(0.7, 16)(logits, torch.zeros(1, 8, 8, dtype=torch.int64)).backward()
    assert not logits.grad[0, :, :4].any()
    assert logits.grad[0, :, 4:].all()


@pytest.mark.parametrize(("pixels_per_kept", "least"), [(1, 64), (65, 0)])
def test_a_batch_that_cannot_be_divided_says_so(pixels_per_kept: int, least: int) -> None:
    with pytest.raises(SegReproError, match=f"batch of 64 pixels of which {least} are to be kept; .* 1 and 63"):
        ShelfNetOHEMLoss(0.7, pixels_per_kept)(torch.zeros(1, 19, 8, 8), torch.zeros(1, 8, 8, dtype=torch.int64))


def test_auxiliary_losses_are_the_authors() -> None:
    fixture = protocol("orig")
    init_default_scope("mmseg")
    model = Config.fromfile(BASE / "models" / "shelfnet50_aux_se.py").model
    labels = torch.from_numpy(np.where(fixture["loss_target"] == -1, 255, fixture["loss_target"]))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label[None])) for label in labels]

    def loss(head: dict[str, Any], name: str, term: str) -> float:
        return MODELS.build(head).loss_by_feat(torch.from_numpy(fixture[name]), samples)[term].item()

    main = loss(model.decode_head, "loss_pred", "loss_ce")
    presence = loss(model.auxiliary_head[0], "loss_se", "loss_se")
    auxiliary = loss(model.auxiliary_head[1], "loss_aux", "loss_ce")
    assert main == pytest.approx(fixture["loss_plain"], rel=1e-6)
    assert main + auxiliary == pytest.approx(fixture["loss_aux_only"], rel=1e-6)
    assert main + presence == pytest.approx(fixture["loss_se_only"], rel=1e-6)
    assert main + presence + auxiliary == pytest.approx(fixture["loss_aux_se"], rel=1e-6)


# ---- optimiser and learning rate ----


no_steps = pytest.mark.filterwarnings("ignore:Detected call of `scheduler.step")


def learning_rates(schedule: Config, iterations: set[int]) -> dict[int, list[float]]:
    """Rates of backbone, neck and heads at the given iterations, by MMEngine's own schedulers."""
    names = ("backbone", "neck", "decode_head", "auxiliary_head")
    parts = nn.ModuleDict({name: nn.Conv2d(1, 1, 1, bias=False) for name in names})
    wrapper = build_optim_wrapper(parts, schedule.optim_wrapper)
    schedulers = [PARAM_SCHEDULERS.build(s, default_args={"optimizer": wrapper}) for s in schedule.param_scheduler]
    groups = [group for group in wrapper.param_groups if group["params"][0].requires_grad]  # not MMEngine's own
    rates = {}
    for iteration in range(max(iterations) + 1):
        if iteration in iterations:
            rates[iteration] = [group["lr"] for group in groups]
        for scheduler in schedulers:
            scheduler.step()
    return rates


@no_steps
def test_lightweight_learning_rate_is_the_authors_at_every_listed_iteration() -> None:
    fixture = protocol("lw18")
    schedule = Config.fromfile(BASE / "schedules" / "shelfnet_lw.py")
    found = learning_rates(schedule, set(fixture["lr_iters"].tolist()))
    for iteration, expected in zip(fixture["lr_iters"], fixture["lr_values"], strict=True):
        backbone, *others = found[iteration]
        assert backbone == pytest.approx(expected, rel=1e-8)
        assert others == pytest.approx([10 * expected] * 3, rel=1e-8)
    assert max(found) == schedule.train_cfg.max_iters - 1


@no_steps
def test_original_learning_rate_is_the_authors_at_every_listed_iteration() -> None:
    fixture = protocol("orig")
    schedule = Config.fromfile(CONFIGS / "cityscapes" / "shelfnet50.py")
    rate, epochs, batches = fixture["lr_base_epochs_itersperepoch"]
    assert schedule.optim_wrapper.optimizer.lr == rate
    assert schedule.epoch == batches
    # The recipe trains longer than the code does by default, which the fixture is of.
    schedule.param_scheduler[0].end = int(epochs * batches) + 1
    iterations = [int(epoch * batches + i) for epoch, i in fixture["lr_epoch_iter"]]
    found = learning_rates(schedule, set(iterations))
    for iteration, (backbone, head, auxiliary) in zip(iterations, fixture["lr_groups"], strict=True):
        assert found[iteration] == pytest.approx([backbone, head, head, auxiliary], rel=1e-8)


def settings_of_parameters(model: nn.Module, schedule: str) -> dict[str, tuple[float, float]]:
    """Name -> learning rate and weight decay at the start, by the schedule's constructor."""
    wrapper = build_optim_wrapper(model, Config.fromfile(BASE / "schedules" / schedule).optim_wrapper)
    names = {parameter: name for name, parameter in model.named_parameters()}
    return {
        names[parameter]: (group["lr"], group["weight_decay"])
        for group in wrapper.param_groups
        for parameter in group["params"]
        if parameter.requires_grad  # MMEngine's own group has a parameter of no network
    }


@pytest.mark.parametrize("depth", [18, 34])
def test_lightweight_networks_decay_convolutions_only_and_learn_slowest_in_the_backbone(depth: int) -> None:
    model = build_network(Config.fromfile(BASE / "models" / f"shelfnet{depth}_lw.py"))
    found = settings_of_parameters(model, "shelfnet_lw.py")
    kinds = {nn.Conv2d: 5e-4, nn.BatchNorm2d: 0, ABN: 0}
    expected = {
        f"{name}.{kind}": (
            pytest.approx(1e-5 if name.startswith("backbone.") else 1e-4),
            kinds[type(module)] if kind == "weight" else 0,
        )
        for name, module in model.named_modules()
        if type(module) in kinds
        for kind, _ in module.named_parameters()
    }
    assert found == expected


def test_original_networks_decay_everything() -> None:
    model = build_network(Config.fromfile(BASE / "models" / "shelfnet50_aux_se.py"))
    found = settings_of_parameters(model, "shelfnet50.py")
    assert found == {
        name: (pytest.approx(7.5e-3 if name.startswith("backbone.") else 7.5e-2), 1e-4)
        for name, _ in model.named_parameters()
    }


@pytest.mark.parametrize("name", EPOCHS)
def test_iterations_are_epochs_of_whole_batches(name: str) -> None:
    config, (epochs, images) = Config.fromfile(CONFIGS / name), EPOCHS[name]
    assert config.train_dataloader.batch_size == 12
    assert config.train_cfg.max_iters == epochs * (images // 12)
    (schedule,) = config.param_scheduler
    # The coarse stage steps, and all others fall to the end.
    end = None if name.startswith("cityscapes_coarse") else config.train_cfg.max_iters + 1
    assert schedule.get("end") == end


# ---- configs ----


def meta_network(name: str) -> nn.Module:
    with torch.device("meta"):
        return build_network(Config.fromfile(CONFIGS / name))


@pytest.mark.parametrize("name", ALL)
def test_every_config_builds_and_fits_the_stage_before(name: str) -> None:
    config = Config.fromfile(CONFIGS / name)
    init_default_scope(config.default_scope)
    Compose(config.train_dataloader.dataset.dataset.pipeline)
    network = meta_network(name)
    heads = [network.decode_head, *(network.auxiliary_head if network.with_auxiliary_head else [])]
    classes = {"pascal_context": 59, "voc2012": 21, "coco_voc": 21}.get(Path(name).parent.name, 19)
    assert {head.num_classes for head in heads} == {classes}
    shapes = {key: value.shape for key, value in network.state_dict().items()}
    backbone = config.model.backbone
    pretrained = f"ResNet{backbone.depth}_Weights.IMAGENET1K_V1"
    if config.load_from:
        root, dataset, model, *end = Path(config.load_from).parts
        assert (root, *end) == ("results", "retrained", "seed0", "weights.pth")
        before = meta_network(f"{dataset}/{model}.py").state_dict()
        assert shapes == {key: value.shape for key, value in before.items()}
        assert backbone.get("init_cfg") is None
    elif not name.startswith("synthcity"):
        assert backbone.init_cfg == {"type": "ImageNetInit", "weights": pretrained}


def test_every_model_that_the_paper_reports_on_a_dataset_has_its_config() -> None:
    own = [c for c in loader.claims() if c.paper == "shelfnet_2018" and c.own and c.variant and c.dataset in DATASETS]
    reported = {f"{DATASETS[claim.dataset]}/{claim.variant}.py" for claim in own}
    assert reported <= set(ALL)
    stages = {"cityscapes_coarse/shelfnet50.py", "coco_voc/shelfnet50.py", "coco_voc/shelfnet101.py"}
    assert {name for name in ALL if not name.endswith("_aug.py")} - stages - reported == {"synthcity/shelfnet18_lw.py"}


def test_the_headline_figures_belong_to_the_models_that_were_trained_for_them() -> None:
    named = {c.id: c.variant for c in loader.claims() if c.paper == "shelfnet_2018"}
    assert named["shelf.t1.multi-path-network-res101.miou"] == "shelfnet101"
    assert named["shelf.t2.multi-path-network50-plus-coarse.miou"] == "shelfnet50_coarse"
    assert named["shelf.text.mp50.voc-test.miou"] == "shelfnet50"
    assert named["shelf.text.mp50.voc-test-nococo.miou"] == "shelfnet50_without_coco"
    assert named["shelf.fig8b.shelfnet50.test-miou"] is None  # which data it was trained on is not stated
    assert named["shelf.readme.shelfnet18-lw.miou"] == "shelfnet18_lw"


# ---- transforms ----


def picture(height: int, width: int) -> np.ndarray:
    """A smooth colour picture, BGR."""
    noise = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def blocks(height: int, width: int, labels: list[int]) -> np.ndarray:
    """A label map of large blocks."""
    small = np.random.default_rng(1).choice(labels, (3, 4)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)


def item(image: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    return {"img": image, "img_shape": image.shape[:2], "gt_seg_map": labels, "seg_fields": ["gt_seg_map"]}


def test_colours_change_as_pil_changes_them_in_the_authors_order() -> None:
    image, labels = picture(24, 32), blocks(24, 32, [1, 2])
    np.random.seed(3)
    found = ColorJitter(factors=(0.5, 1.5))(item(image.copy(), labels.copy()))
    np.random.seed(3)
    expected = Image.fromarray(image[..., ::-1])
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        expected = enhance(expected).enhance(np.random.uniform(0.5, 1.5))
    np.testing.assert_array_equal(found["img"], np.asarray(expected)[..., ::-1])
    np.testing.assert_array_equal(found["gt_seg_map"], labels)
    assert np.abs(found["img"].astype(int) - image).max() > 10


def test_an_image_too_small_for_the_crop_is_enlarged_a_little_too_much() -> None:
    image, labels = picture(768, 1536), blocks(768, 1536, [3, 255])
    found = EnlargeToCrop(crop_size=1024)(item(image, labels))
    assert found["img_shape"] == found["img"].shape[:2] == found["gt_seg_map"].shape == (1025, 2049)
    expected = Image.fromarray(image).resize((2049, 1025), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found["img"], np.asarray(expected))
    assert set(np.unique(found["gt_seg_map"])) == {3, 255}


def test_an_image_as_large_as_the_crop_stays() -> None:
    image, labels = picture(64, 96), blocks(64, 96, [3])
    found = EnlargeToCrop(crop_size=64)(item(image, labels))
    assert found["img"] is image
    assert found["gt_seg_map"] is labels


def test_blur_is_pils_and_happens_as_often_as_asked() -> None:
    image = picture(24, 32)
    changed = 0
    for seed in range(40):
        np.random.seed(seed)
        found = RandomGaussianBlur(max_radius=1.0, prob=0.5)(item(image, blocks(24, 32, [1])))["img"]
        np.random.seed(seed)
        blurred = np.random.rand() < 0.5
        radius = np.random.uniform(0, 1)
        expected = Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)) if blurred else image
        np.testing.assert_array_equal(found, np.asarray(expected))
        changed += blurred
    assert 12 <= changed <= 28


@pytest.mark.parametrize("seed", range(8))
def test_rotation_reflects_the_image_and_leaves_no_label_in_the_corners(seed: int) -> None:
    labels = blocks(90, 120, [1, 2, 3])
    image = np.repeat(labels[..., None] * 80, 3, axis=2)
    np.random.seed(seed)
    angle = np.random.randint(-10, 11)
    np.random.seed(seed)
    found = RandomRotateReflect(max_degree=10, seg_fill=255)(item(image, labels))
    rotated = found["gt_seg_map"]
    assert set(np.unique(rotated)) <= {1, 2, 3, 255}
    assert (rotated[0, 0] == 255) == (rotated[-1, 0] == 255) == (angle != 0)
    assert found["img"].min() >= 80  # no black corner
    # As Pillow rotates, which turns the other way, up to the rounding at the blocks' edges.
    expected = np.asarray(Image.fromarray(labels).rotate(-angle, fillcolor=255))
    assert (rotated != expected).mean() < 0.02
    # Image and labels stay together: off the edges the image still is the label's grey.
    inside = cv2.erode((rotated != 255).astype(np.uint8), np.ones((9, 9))) > 0
    inside &= cv2.erode(rotated, np.ones((9, 9))) == cv2.dilate(rotated, np.ones((9, 9)))
    np.testing.assert_array_equal(found["img"][inside, 0], rotated[inside] * 80)


def test_rotation_takes_every_whole_degree() -> None:
    image, labels = picture(40, 60), blocks(40, 60, [1])
    rotate = RandomRotateReflect(max_degree=2, seg_fill=255)
    np.random.seed(0)
    seen = {rotate(item(image, labels))["img"].tobytes() for _ in range(100)}
    assert len(seen) == 5


@pytest.mark.parametrize("angle", [-9.7, -0.4, 5.2, 10.0])
def test_mmsegmentations_rotation_is_pils_but_for_the_outermost_pixel(angle: float) -> None:
    init_default_scope("mmseg")
    (rotate,) = Compose([{"type": "RandomRotate", "prob": 1.0, "degree": (angle, angle), "seg_pad_val": 0}]).transforms
    image, labels = picture(90, 120), blocks(90, 120, [1, 2, 3])
    found = rotate(item(image, labels))
    expected = Image.fromarray(image).rotate(-angle, Image.Resampling.BILINEAR)
    assert (found["gt_seg_map"] != np.asarray(Image.fromarray(labels).rotate(-angle))).mean() < 1e-3
    inside = cv2.erode((found["gt_seg_map"] != 0).astype(np.uint8), np.ones((3, 3)), borderValue=0) > 0
    assert np.abs(found["img"].astype(int) - np.asarray(expected))[inside].max() <= 4


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(20, 40), st.integers(20, 40))
def test_padding_reflects_the_image_and_has_no_label(height: int, width: int) -> None:
    image, labels = picture(height, width), blocks(height, width, [1, 2])
    found = PadReflect(size=32, seg_fill=255)(item(image, labels))
    assert found["img_shape"] == found["img"].shape[:2] == (max(height, 32), max(width, 32))
    top, left = max(32 - height, 0) // 2, max(32 - width, 0) // 2
    inner = np.s_[top : top + height, left : left + width]
    np.testing.assert_array_equal(found["img"][inner], image)
    np.testing.assert_array_equal(found["gt_seg_map"][inner], labels)
    assert (found["gt_seg_map"] == 255).sum() == found["gt_seg_map"].size - labels.size
    if top:
        np.testing.assert_array_equal(found["img"][top - 1, left : left + width], image[1])


# ---- whole pipelines ----


def augmented(name: str, tmp_path: Path, size: tuple[int, int], labels: list[int]) -> list[tuple[Tensor, np.ndarray]]:
    """Twelve samples (image, labels) of a config's training pipeline from one picture with the given labels."""
    cv2.imwrite(str(tmp_path / "image.png"), picture(*size))
    cv2.imwrite(str(tmp_path / "labels.png"), blocks(*size, labels))
    config = Config.fromfile(CONFIGS / name)
    init_default_scope(config.default_scope)
    pipeline = Compose(config.train_dataloader.dataset.dataset.pipeline)
    samples = []
    for seed in range(12):
        np.random.seed(seed)
        sample = pipeline(
            {
                "img_path": str(tmp_path / "image.png"),
                "seg_map_path": str(tmp_path / "labels.png"),
                "reduce_zero_label": name.startswith("pascal_context"),
                "seg_fields": [],
            }
        )
        samples.append((sample["inputs"], sample["data_samples"].gt_sem_seg.data[0].numpy()))
    return samples


@pytest.mark.parametrize(
    ("name", "size", "crop", "labels", "expected"),
    [
        # padding and corners are background, void, road and void; ShelfNet-lw has none
        ("voc2012/shelfnet50.py", (250, 333), 512, [5, 255], {0, 5, 255}),
        ("voc2012/shelfnet50_aug.py", (250, 333), 512, [5, 255], {0, 5, 255}),
        ("coco_voc/shelfnet50.py", (250, 333), 512, [5, 255], {0, 5, 255}),
        ("pascal_context/shelfnet50.py", (250, 333), 512, [1, 59], {0, 58, 255}),
        ("cityscapes_coarse/shelfnet50.py", (128, 256), 768, [5, 18], {0, 5, 18}),
        ("cityscapes/shelfnet50.py", (128, 256), 768, [5, 18], {5, 18, 255}),
        ("cityscapes/shelfnet18_lw.py", (128, 256), 1024, [5, 18], {5, 18}),
    ],
)
def test_pipelines_cut_the_crop_and_invent_no_label_but_the_fill(
    name: str, size: tuple[int, int], crop: int, labels: list[int], expected: set[int], tmp_path: Path
) -> None:
    seen = set()
    for image, label in augmented(name, tmp_path, size, labels):
        assert image.shape == (3, crop, crop)
        assert image.dtype == torch.uint8
        assert label.shape == (crop, crop)
        seen |= set(np.unique(label).tolist())
    assert seen == expected


@pytest.mark.parametrize(("name", "base_size"), [("voc", 608), ("cityscapes_coarse", 1024)])
def test_short_side_is_drawn_from_half_to_twice_the_base_size(name: str, base_size: int) -> None:
    init_default_scope("mmseg")
    pipelines = Config.fromfile(BASE / "datasets" / "shelfnet50_pipelines.py").shelfnet50_pipelines
    (resize,) = Compose([step for step in pipelines[name] if step.type == "RandomResize"]).transforms
    np.random.seed(0)
    short = [min(resize._random_scale()) for _ in range(20000)]
    assert (min(short), max(short)) == (base_size // 2, 2 * base_size)
    assert np.mean(short) == pytest.approx(1.25 * base_size, rel=0.01)
    assert resize(item(picture(20, 41), blocks(20, 41, [1])))["img"].shape[0] == resize.resize.scale[1]


def test_finely_labelled_cityscapes_is_scaled_uniformly_from_half_to_twice() -> None:
    init_default_scope("mmseg")
    pipeline = Config.fromfile(BASE / "datasets" / "cityscapes_shelfnet50.py").train_pipeline
    (choice,) = Compose([step for step in pipeline if step.type == "RandomChoice"]).transforms
    np.random.seed(0)
    resizes = [choice.transforms[choice.random_pipeline_index()].transforms[0] for _ in range(20000)]
    ratios = np.array([resize._random_scale()[1] / 1024 for resize in resizes])
    np.testing.assert_allclose(np.histogram(ratios, 6, (0.5, 2))[0] / len(ratios), 1 / 6, atol=0.01)
    filters = [resize.resize.interpolation for resize in resizes]
    assert {(name, bool(ratio < 1)) for name, ratio in zip(filters, ratios, strict=True)} == {
        ("lanczos", True),
        ("bicubic", False),
    }


# ---- ImageNet ----


def imagenet_weights(name: str) -> dict[str, Tensor]:
    """torchvision's network with random values in every entry, negative scales among them."""
    state = get_model(name, weights=None).state_dict()
    return {key: torch.randn(value.shape) if value.is_floating_point() else value for key, value in state.items()}


@pytest.mark.parametrize(
    ("kind", "depth", "only_torchvisions"),
    [
        (ShelfNetLWResNet, 18, {"fc.weight", "fc.bias"}),
        (ShelfNetLWResNet, 34, {"fc.weight", "fc.bias"}),
        (ShelfNetResNet, 50, set()),
    ],
)
def test_imagenet_weights_arrive_entry_by_entry(kind: type, depth: int, only_torchvisions: set[str]) -> None:
    backbone, imagenet = kind(depth), imagenet_weights(f"resnet{depth}")
    found = from_imagenet(imagenet, backbone.state_dict())
    backbone.load_state_dict(found, strict=True)
    for key, value in backbone.state_dict().items():
        assert torch.equal(value, imagenet[key]), key
    left = {key for key in imagenet.keys() - found.keys() if not key.endswith("num_batches_tracked")}
    assert left == only_torchvisions


def test_a_norm_with_a_negative_imagenet_scale_applies_its_magnitude() -> None:
    norm = ABN(2).eval()
    norm.load_state_dict(
        {**norm.state_dict(), "weight": torch.tensor([-2.0, 2.0]), "running_var": torch.full((2,), 1 - ABN.EPS)}
    )
    found = norm(torch.ones(1, 2, 1, 1)).flatten()
    assert found.tolist() == pytest.approx([2 + ABN.EPS] * 2)


def test_imagenet_weights_of_another_depth_are_refused() -> None:
    with pytest.raises(SegReproError, match=r"missing: layer1\.2\.conv1\.weight.*Name torchvision's weights"):
        from_imagenet(imagenet_weights("resnet18"), ShelfNetLWResNet(34).state_dict())

"""The recipes of the 2017 ladder networks: what is fed, what is optimised at which rate, and where training starts."""

import copy
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope
from mmseg.models import EncoderDecoder
from mmseg.registry import DATASETS
from PIL import Image
from torch import nn
from torchvision.models import densenet121, get_weight, resnet50

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Prediction
from mmseg_plugins.evaluation.predict import predict_split
from mmseg_plugins.evaluation.split import instance_files
from mmseg_plugins.networks.ladder_densenet_2017.backbone import LadderResNet2017, SplitDenseNet2017
from mmseg_plugins.networks.ladder_densenet_2017.imagenet import from_imagenet
from mmseg_plugins.networks.ladder_densenet_2017.key_map import official_names
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from tests import reference
from tests.test_ladder_densenet_2017 import filled
from workflow.scripts import predict

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins/configs"
COUNTED = {
    "cityscapes/ladder_densenet121_2017": "ladder_densenet121_2017_cityscapes",
    "cityscapes/ladder_densenet121_2017_scratch": "ladder_densenet121_2017_cityscapes",
    "cityscapes/ladder_densenet121_2017_full_resolution": "ladder_densenet121_2017_cityscapes",
    "cityscapes/ladder_densenet121_2017_single_loss": "abl_ladder_densenet121_single_loss",
    "cityscapes/densenet121_32x_2017": "abl_densenet121_32x",
    "cityscapes/densenet121_dilated8x_2017": "abl_densenet121_dilated8x_4x",
    "cityscapes/ladder_densenet169_2017": "ladder_densenet169_2017_cityscapes",
    "cityscapes/ladder_densenet169_2017_full_resolution": "ladder_densenet169_2017_cityscapes",
    "cityscapes/ladder_densenet169_2017_full_resolution_frozen_bn": "ladder_densenet169_2017_cityscapes",
    "cityscapes/ladder_densenet169_2017_split34": "ladder_densenet169_2017_cityscapes_split34",
    "cityscapes/ladder_densenet169_2017_spp": "abl_ladder_densenet169_spp3",
    "cityscapes/ladder_resnet50_2017": "ladder_resnet50_2017",
    "cityscapes/ladder_resnet50_2017_scratch": "ladder_resnet50_2017",
    "cityscapes/resnet50_32x_2017": "abl_resnet50_32x",
    "cityscapes/resnet50_dilated8x_2017": "abl_resnet50_dilated8x_4x",
    "synthcity/ladder_densenet121_2017": "ladder_densenet121_2017_cityscapes",
    "voc2012/ladder_densenet169_2017": "ladder_densenet169_2017_voc",
    "voc2012/ladder_densenet169_2017_aug": "ladder_densenet169_2017_voc",
    "voc2012/ladder_resnet50_2017": "ladder_resnet50_2017_voc",
}
"""Config to the reference network that it trains."""
PAINT = (75, 85, 75)


@cache
def read(name: str) -> Config:
    """The config, read once; nobody changes it."""
    return Config.fromfile(CONFIGS / f"{name}.py")


@cache
def weightless(name: str) -> EncoderDecoder:
    """The network of a config, without storage."""
    with torch.device("meta"):
        return build_network(read(name))


def draw_cityscapes(root: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One image of 2048x1024 in both splits; returns the image (BGR), its label ids and its train ids."""
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (64, 128, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    image[::3] += np.uint8(17)
    train_ids = random.choice([*range(19), 255], (256, 512)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
    ids = np.full(train_ids.shape, 7, np.uint8)
    ids[880:, 300:1700] = 1
    files = {"leftImg8bit": image, "gtFine_labelIds": ids, "gtFine_labelTrainIds": train_ids}
    files["gtFine_instanceIds"] = ids.astype(np.uint16)
    for split in ("train", "val"):
        for suffix, content in files.items():
            folder = root / suffix.partition("_")[0] / split / "town"
            folder.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / f"town_000000_000019_{suffix}.png"), content)
    return image, ids, train_ids


def split_of(config: Config, root: Path, split: str) -> torch.utils.data.Dataset:
    described = config.train_dataloader.dataset.dataset if split == "train" else config.test_dataloader.dataset
    init_default_scope("mmseg")
    return DATASETS.build({**described, "data_root": str(root)})


def picture(item: dict) -> tuple[np.ndarray, np.ndarray]:
    """Image (H, W, 3), BGR, and label map of a pipeline's output."""
    return item["inputs"].numpy().transpose(1, 2, 0), item["data_samples"].gt_sem_seg.data[0].numpy()


# ---- the configs ----


def test_every_config_of_the_family_is_tested() -> None:
    written = {str(path.relative_to(CONFIGS).with_suffix("")) for path in CONFIGS.glob("*/*_2017*.py")}
    assert {name for name in written if not name.startswith("_base_")} == COUNTED.keys()


@pytest.mark.parametrize("name", COUNTED)
def test_config_builds_the_reference_network(name: str) -> None:
    row = reference.counts("ladder_densenet_2017")[COUNTED[name]]
    model = weightless(name)
    assert sum(p.numel() for p in model.parameters()) == int(row["trainable_params"])
    heads = [model.decode_head, *([model.auxiliary_head] if model.with_auxiliary_head else [])]
    assert [head.loss_decode.loss_weight for head in heads] == ([0.7, 0.3] if len(heads) == 2 else [1.0])


@pytest.mark.parametrize("name", COUNTED)
def test_config_starts_from_imagenet_unless_it_says_otherwise(name: str) -> None:
    config = read(name)
    init = config.model.backbone.get("init_cfg")
    if "_scratch" in name or "_full_resolution" in name or name.startswith("synthcity"):
        assert "ImageNetInit" not in str(init)
    else:
        backbone = config.model.backbone
        kind = {"SplitDenseNet2017": "DenseNet", "LadderResNet2017": "ResNet"}[backbone.type]
        assert init.type == "ImageNetInit"
        assert type(get_weight(init.weights)).__name__ == f"{kind}{backbone.get('depth', 50)}_Weights"


def test_a_printed_name_whose_network_is_not_certain_is_a_reading_with_its_reason() -> None:
    claims = [claim for claim in loader.claims() if claim.paper == "ladder_densenet_2017"]
    certain = {claim.variant for claim in claims if claim.variant and not claim.variant_why}
    assert certain <= {Path(name).name for name in COUNTED}
    of_val = [claim for claim in claims if claim.own and claim.split == "val"]
    assert all(claim.variant for claim in of_val)
    assert {claim.id.rpartition(".")[0] for claim in of_val if claim.variant_why} == {
        *("ldn17.t1.resnet-50-32x", "ldn17.t1.ladderresnet-50-4x", "ldn17.t1.dilated-8x-resnet-50-4x"),
        *("ldn17.t1.densenet-121-32x", "ldn17.t1.dilated-8x-densenet-121-4x"),
        *("ldn17.t1.ladderdensenet-169-4x-spp", "ldn17.t3.ladder-resnet-50-4x", "ldn17.t6.ladderresnet-50-4x"),
    }


# ---- optimisation ----


def rates_and_decays(name: str) -> dict[str, tuple[float, float]]:
    """Rate and weight decay of every parameter that is optimised, through MMEngine's own constructor."""
    model = weightless(name)
    names = {parameter: parameter_name for parameter_name, parameter in model.named_parameters()}
    groups = build_optim_wrapper(model, read(name).optim_wrapper).optimizer.param_groups
    return {names[parameter]: (group["lr"], group["weight_decay"]) for group in groups for parameter in group["params"]}


@pytest.mark.parametrize(
    ("name", "divisor"),
    [
        ("cityscapes/ladder_densenet121_2017", 5),
        ("cityscapes/ladder_densenet169_2017_spp", 5),
        ("cityscapes/ladder_densenet121_2017_scratch", 1),
        ("cityscapes/ladder_resnet50_2017", 10),
        ("cityscapes/resnet50_32x_2017", 10),
        ("cityscapes/ladder_resnet50_2017_scratch", 1),
        ("voc2012/ladder_densenet169_2017_aug", 5),
        ("voc2012/ladder_resnet50_2017", 10),
    ],
)
def test_rates_and_decays_are_the_recipes(name: str, divisor: float) -> None:
    found = rates_and_decays(name)
    model = weightless(name)
    assert found.keys() == dict(model.named_parameters()).keys()
    for parameter_name, parameter in model.named_parameters():
        rate = 5e-4 / divisor if parameter_name.startswith("backbone.") else 5e-4
        undecayed = "conv_seg" in parameter_name or ("resnet50" in name and "ladder" in parameter_name)
        decay = 1e-4 if parameter.ndim == 4 and not undecayed else 0.0
        assert found[parameter_name] == (pytest.approx(rate, rel=1e-12), decay), parameter_name


def test_decayed_parameters_give_the_authors_l2() -> None:
    expected = reference.arrays("ladder_densenet121_2017_cityscapes_train__2x128x256")["scalar_loss_l2"]
    names = official_names(weightless("cityscapes/ladder_densenet121_2017").state_dict())
    weights = filled("ladder_densenet121_2017_cityscapes")
    decays = {names[name]: decay for name, (_, decay) in rates_and_decays("cityscapes/ladder_densenet121_2017").items()}
    l2 = sum(decay * weights[name].double().square().sum().item() / 2 for name, decay in decays.items())
    assert l2 == pytest.approx(expected, rel=1e-9)


def test_weight_decay_is_the_authors_l2() -> None:
    protocol = reference.arrays("protocol_ladder2017")
    kernel = torch.from_numpy(protocol["l2_weight"]).requires_grad_()
    decay = read("cityscapes/ladder_densenet121_2017").optim_wrapper.optimizer.weight_decay
    l2 = decay * kernel.square().sum() / 2
    assert l2.item() == pytest.approx(protocol["l2_1e-4"].item(), rel=1e-6)
    start = kernel.detach().clone()
    with_term, with_decay = (nn.Parameter(start.clone()) for _ in range(2))
    for parameter, weight_decay in ((with_term, 0.0), (with_decay, decay)):
        optimizer = torch.optim.Adam([parameter], lr=5e-4, weight_decay=weight_decay)
        for _ in range(3):
            optimizer.zero_grad()
            loss = parameter.sin().sum() + (0 if weight_decay else decay * parameter.square().sum() / 2)
            loss.backward()
            optimizer.step()
    torch.testing.assert_close(with_term, with_decay)


def test_total_loss_is_the_authors() -> None:
    protocol = reference.arrays("protocol_ladder2017")
    model = weightless("cityscapes/ladder_densenet121_2017")
    labels = torch.from_numpy(protocol["loss_labels"]).long()
    total = sum(
        head.loss_decode(torch.from_numpy(protocol[f"loss_{name}_logits"]), labels, ignore_index=19)
        for name, head in (("main", model.decode_head), ("aux", model.auxiliary_head))
    )
    assert total.item() == pytest.approx(protocol["loss_total_07_03"].item(), rel=1e-6)


def test_rates_fall_as_the_authors() -> None:
    protocol = reference.arrays("protocol_ladder2017")
    config = read("cityscapes/ladder_densenet121_2017")
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (5e-4, 5e-4 / 5)]
    wrapper = OptimWrapper(torch.optim.Adam(groups))
    (described,) = config.param_scheduler
    scheduler = PARAM_SCHEDULERS.build(described, default_args={"optimizer": wrapper})
    wanted = {int(step): index for index, step in enumerate(protocol["lr_steps"]) if step < config.train_cfg.max_iters}
    assert config.train_cfg.max_iters == protocol["lr_decay_steps"]
    wrapper.step()  # or PyTorch warns that none came before the scheduler's first
    for step in range(config.train_cfg.max_iters):
        if step in wanted:
            expected = [protocol[name][wanted[step]] for name in ("lr_end0", "lr_fine_div5_end0")]
            found = [group["lr"] for group in wrapper.optimizer.param_groups]
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)
        scheduler.step()


@pytest.mark.parametrize("name", [name for name in COUNTED if not name.startswith("synthcity")])
def test_rate_ends_with_the_training(name: str) -> None:
    config = read(name)
    (schedule,) = config.param_scheduler
    assert schedule.end == config.train_cfg.max_iters + 1


# ---- what the network sees ----


def test_half_resolution_is_cropped_reduced_as_pillow_does_and_then_painted(tmp_path: Path) -> None:
    image, ids, train_ids = draw_cityscapes(tmp_path)
    expected = np.array(Image.fromarray(image[30:900]).resize((1024, 448), Image.Resampling.BICUBIC))
    expected_ids, expected_labels = (
        np.array(Image.fromarray(labels[30:900]).resize((1024, 448), Image.Resampling.NEAREST))
        for labels in (ids, train_ids)
    )
    assert (expected_ids == 1).any()
    expected[expected_ids == 1] = PAINT

    config = read("cityscapes/ladder_densenet121_2017")
    item = split_of(config, tmp_path, "test")[0]
    found, labels = picture(item)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(labels, expected_labels)
    assert item["data_samples"].ori_shape == (448, 1024)

    train, seen = split_of(config, tmp_path, "train"), set()
    for seed in range(4):
        np.random.seed(seed)
        found, labels = picture(train[0])
        mirrored = not np.array_equal(found, expected)
        step = -1 if mirrored else 1
        np.testing.assert_array_equal(found, expected[:, ::step])
        np.testing.assert_array_equal(labels, expected_labels[:, ::step])
        seen.add(mirrored)
    assert seen == {True, False}


def test_full_resolution_is_painted_only_and_scored_where_the_truth_is(tmp_path: Path) -> None:
    image, ids, train_ids = draw_cityscapes(tmp_path)
    image[ids == 1] = PAINT
    image[-5:] = PAINT
    item = split_of(read("cityscapes/ladder_densenet169_2017_full_resolution"), tmp_path, "test")[0]
    found, labels = picture(item)
    np.testing.assert_array_equal(found, image)
    np.testing.assert_array_equal(labels, train_ids)
    assert item["data_samples"].ori_shape == (1024, 2048)


@pytest.mark.parametrize(
    ("name", "order"),
    [("cityscapes/ladder_densenet121_2017", "RGB"), ("cityscapes/ladder_resnet50_2017", "BGR")],
)
def test_input_is_normalised_as_the_authors(name: str, order: str, tmp_path: Path) -> None:
    """ResNet sees BGR, less the means in the order of RGB, undivided."""
    draw_cityscapes(tmp_path)
    config = read(name)
    item = split_of(config, tmp_path, "test")[0]
    image = item["inputs"].numpy().astype(np.float64)
    batch = build_network(config).data_preprocessor(pseudo_collate([item]), False)
    mean = np.array([75.2051479, 85.01498926, 75.08929598])[:, None, None]
    std = np.array([46.89434904, 47.63335775, 46.47197535])[:, None, None]
    expected = (image[::-1] - mean) / std if order == "RGB" else image - mean
    np.testing.assert_allclose(batch["inputs"][0].numpy(), expected, atol=2e-5)


def test_evaluation_counts_the_pixels_of_the_reduced_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the command line does, without iIoU: the instance maps have the size of the files."""
    _, _, train_ids = draw_cityscapes(tmp_path)
    real = loader.dataset("cityscapes")
    one = real.splits["val"].model_copy(update={"images": 1})
    monkeypatch.setattr(loader, "dataset", lambda name: real.model_copy(update={"splits": real.splits | {"val": one}}))
    config = copy.deepcopy(read("cityscapes/densenet121_32x_2017"))
    config.test_dataloader.dataset.data_root = str(tmp_path)
    config.dump(str(tmp_path / "config.py"))
    save_weights(build_network(config).state_dict(), tmp_path / "weights.pth")
    files, out = (tmp_path / "config.py", tmp_path / "weights.pth"), tmp_path / "out"
    predict.main(*files, "cityscapes", "densenet121_32x_2017", "untrained", out, device="cpu")
    assert evidence_file.read(out / "prediction.json", Prediction).instances is None
    reduced = np.array(Image.fromarray(train_ids[30:900]).resize((1024, 448), Image.Resampling.NEAREST))
    expected = np.bincount(np.where(reduced == 255, 19, reduced).ravel(), minlength=20)
    with np.load(out / "confusion.npz") as counted:
        np.testing.assert_array_equal(counted["single_scale"][0].sum(1), expected)


def test_instances_are_counted_where_the_size_is_that_of_the_files(tmp_path: Path) -> None:
    draw_cityscapes(tmp_path)
    layout = loader.dataset("cityscapes").layout
    half, full = (
        instance_files(split_of(read(f"cityscapes/ladder_densenet169_2017{suffix}"), tmp_path, "test"), layout, "val")
        for suffix in ("", "_full_resolution")
    )
    assert half is None
    assert full == [tmp_path / "gtFine/val/town/town_000000_000019_gtFine_instanceIds.png"]


def test_painting_without_label_ids_says_which_file_is_missing(tmp_path: Path) -> None:
    draw_cityscapes(tmp_path)
    (ids,) = (tmp_path / "gtFine/val").glob("*/*_labelIds.png")
    ids.unlink()
    config = read("cityscapes/ladder_densenet121_2017")
    dataset = split_of(config, tmp_path, "test")
    with pytest.raises(SegReproError, match=r"^\S*/town_000000_000019_gtFine_labelIds\.png: found no image"):
        predict_split(build_network(config), dataset, loader.label_set("cityscapes"))


def test_painting_is_refused_where_labels_are_hidden() -> None:
    init_default_scope("mmseg")
    load = Compose([{"type": "LoadLabelIds"}])
    with pytest.raises(SegReproError, match=r"a\.png: found no label map; expected one"):
        load({"img": np.zeros((4, 4, 3), np.uint8), "img_path": "a.png"})


def test_crop_of_a_smaller_image_is_refused(tmp_path: Path) -> None:
    init_default_scope("mmseg")
    crop = Compose([{"type": "CropRows", "start": 30, "stop": 900}])
    with pytest.raises(SegReproError, match=r"a\.png: found 256 rows; expected at least 900"):
        crop({"img": np.zeros((256, 512, 3), np.uint8), "img_path": "a.png"})


def test_voc_pictures_are_put_where_the_authors_put_them(tmp_path: Path) -> None:
    protocol = reference.arrays("protocol_ladder2017")
    config = read("voc2012/ladder_densenet169_2017")
    init_default_scope("mmseg")
    steps = [step for step in config.test_dataloader.dataset.pipeline if not step.type.startswith("Load")]
    starts = dict(zip(protocol["voc_pad_size"].tolist(), protocol["voc_pad_start"].tolist(), strict=True))
    for height, width in ((375, 500), (333, 497), (499, 281), (334, 496)):
        image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
        labels = np.random.default_rng(1).integers(0, 21, (height, width), np.uint8)
        loaded = {"img": image, "gt_seg_map": labels, "seg_fields": ["gt_seg_map"], "img_path": "a.jpg"}
        item = Compose(steps)({**loaded, "img_shape": image.shape[:2], "ori_shape": image.shape[:2]})
        found, found_labels = picture(item)
        inside = (slice(starts[height], starts[height] + height), slice(starts[width], starts[width] + width))
        expected, expected_labels = np.zeros((500, 500, 3), np.uint8), np.full((500, 500), 255)
        expected[inside], expected_labels[inside] = image, labels
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(found_labels, expected_labels)
        assert item["data_samples"].ori_shape == (500, 500)


def test_canvas_that_is_too_small_is_refused() -> None:
    init_default_scope("mmseg")
    pad = Compose([{"type": "CentredPad", "size": (500, 500)}])
    with pytest.raises(SegReproError, match=r"a\.jpg: found 501x20 pixels; expected at most 500x500"):
        pad(
            {
                "img": np.zeros((20, 501, 3), np.uint8),
                "gt_seg_map": np.zeros((20, 501), np.uint8),
                "seg_fields": ["gt_seg_map"],
                "img_path": "a.jpg",
            }
        )


def test_augmented_training_differs_in_its_list_only() -> None:
    plain = read("voc2012/ladder_densenet169_2017")
    augmented = copy.deepcopy(read("voc2012/ladder_densenet169_2017_aug"))
    dataset = augmented.train_dataloader.dataset.dataset
    assert dataset.ann_file == "ImageSets/Segmentation/train_aug.txt"
    assert dataset.data_prefix.seg_map_path == "SegmentationClassAug"
    dataset.update(ann_file=plain.train_dataloader.dataset.dataset.ann_file)
    dataset.data_prefix.update(plain.train_dataloader.dataset.dataset.data_prefix)
    # How often it is validated follows from the length of the list.
    assert augmented.train_cfg.val_interval == augmented.epoch > plain.epoch
    augmented.epoch = augmented.train_cfg.val_interval = plain.epoch
    assert plain.to_dict() == augmented.to_dict()


# ---- where training starts ----


@pytest.mark.parametrize(("depth", "suffix"), [(121, ""), (169, ""), (169, "_frozen_bn")])
def test_full_resolution_starts_from_half_resolution(depth: int, suffix: str) -> None:
    name = f"ladder_densenet{depth}_2017"
    full = f"cityscapes/{name}_full_resolution{suffix}"
    assert read(full).load_from == f"results/cityscapes/{name}/retrained/seed0/weights.pth"
    before, after = weightless(f"cityscapes/{name}").state_dict(), weightless(full).state_dict()
    assert {key: value.shape for key, value in before.items()} == {key: value.shape for key, value in after.items()}


def test_frozen_batch_norms_stay_while_all_else_learns() -> None:
    torch.manual_seed(0)
    config = read("cityscapes/ladder_densenet169_2017_full_resolution_frozen_bn")
    model = build_network(config)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    model(torch.randn(2, 3, 64, 64), mode="tensor").square().mean().backward()
    model.auxiliary_head(model.extract_feat(torch.randn(1, 3, 64, 64))).square().mean().backward()
    wrapper.optimizer.step()
    norms = {name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert len(norms) > 100
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == (name.rpartition(".")[0] in norms), name


@pytest.mark.parametrize("first_norm", [False, True])
def test_densenet_starts_from_torchvisions_weights(first_norm: bool) -> None:
    theirs = random_statistics(densenet121(weights=None)).state_dict()
    ours = SplitDenseNet2017(121, first_norm=first_norm).state_dict()
    start = from_imagenet(theirs, ours)
    assert list(start) == list(ours)
    assert all(torch.equal(value, theirs[name]) for name, value in start.items())
    unused = {name.rpartition(".")[0] for name in theirs.keys() - start.keys()}
    assert unused == {"classifier", "features.norm5"} | (
        set() if first_norm else {"features.denseblock1.denselayer1.norm1"}
    )


def test_resnet_starts_from_torchvisions_weights_for_its_own_input() -> None:
    original = random_statistics(resnet50(weights=None))
    theirs = original.state_dict()
    backbone = LadderResNet2017()
    start = from_imagenet(theirs, backbone.state_dict())
    assert list(start) == list(backbone.state_dict())
    assert theirs.keys() - start.keys() == {"fc.weight", "fc.bias"}
    assert all(torch.equal(value, theirs[name]) for name, value in start.items() if name != "conv1.weight")
    # The same picture, as torchvision's stem and as this one sees it; an odd size is padded alike by both.
    backbone.load_state_dict(start)
    rgb = torch.rand(1, 3, 33, 41) * 255
    std = torch.tensor(get_weight("ResNet50_Weights.IMAGENET1K_V1").transforms().std).view(1, 3, 1, 1)
    torch.testing.assert_close(backbone.conv1(rgb.flip(1)), original.conv1(rgb / 255 / std), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("spoilt", ["features.conv0.weight", "features.denseblock4.denselayer16.norm2.running_var"])
def test_weights_that_do_not_fit_are_refused(spoilt: str) -> None:
    ours = SplitDenseNet2017(121).state_dict()
    theirs = densenet121(weights=None).state_dict()
    with pytest.raises(SegReproError, match=f"1 missing: {spoilt}"):
        from_imagenet({name: value for name, value in theirs.items() if name != spoilt}, ours)
    with pytest.raises(SegReproError, match=f"1 of another shape: {spoilt}"):
        from_imagenet({**theirs, spoilt: torch.zeros(1)}, ours)


def random_statistics(model: nn.Module) -> nn.Module:
    """Gives the batch norms, which are all alike at first, values of their own."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                nn.init.uniform_(value)
    return model

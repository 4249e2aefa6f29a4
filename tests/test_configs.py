"""The configs are whole, and MMSegmentation's own programs run them."""

import tarfile
from pathlib import Path

import cv2
import mmseg
import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, METRICS

from data_manifests import loader
from mmseg_plugins.networks.network import build_network
from tests import programs
from workflow.data.synthcity import draw

CONFIGS = Path(__file__).resolve().parents[1] / "mmseg_plugins" / "configs"
ALL = sorted(str(p.relative_to(CONFIGS)) for p in CONFIGS.glob("*/*.py"))
SUITE = loader.suite(Path(__file__).resolve().parents[1] / "config" / "suite.yaml")
TOOLS = Path(mmseg.__file__).parent / ".mim" / "tools"
# OpenCV reads BGR. The authors of these read with OpenCV or start from Caffe's weights and keep its order.
BGR = ("espnet", "fcn", "ladder_resnet50", "resnet50")


# All together take a minute; the embedded dataset has one of each kind.
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n.startswith("synthcity/") else pytest.mark.slow) for n in ALL]
)
def test_config_builds_all_that_it_names(name: str) -> None:
    config = Config.fromfile(CONFIGS / name)
    init_default_scope(config.default_scope)
    network = build_network(config)
    assert network.data_preprocessor._channel_conversion != Path(name).name.startswith(BGR)
    classes = len(loader.label_set(loader.dataset(Path(name).parent.name).label_set).classes)
    assert network.num_classes in (classes, classes + 1)
    validated = config.val_dataloader.dataset
    for dataset in (
        config.train_dataloader.dataset.dataset,
        validated.dataset if validated.type == "SeededDataset" else validated,
        config.test_dataloader.dataset,
    ):
        assert len(DATASETS.get(dataset.type).METAINFO["classes"]) == classes
        assert dataset.data_root == f"data/{Path(name).parent.name}"
        Compose(dataset.pipeline)
    for evaluator in (config.val_evaluator, config.test_evaluator):
        METRICS.build(evaluator)


def test_every_published_file_has_its_config() -> None:
    published = {f"{f.dataset}/{f.model}.py" for c in loader.checkpoint_collections().values() for f in c.published}
    assert published <= set(ALL)


# What a test pipeline may do to the image alone, and to image and truth alike, so that the pixels that are scored and
# what the network may know of them are the benchmark's. Padding is void.
OF_IMAGES = {"LoadImageFromFile", "Resize"}
OF_BOTH = {"CentredPad", "ScoreAtInputSize", "PackSegInputs"}
# Lists of PASCAL VOC, to train on and to test on, without a common image.
DISJOINT = {("train", "val"), ("train_aug", "val"), ("train", "val_not_in_sbd"), ("sbd_train", "val_not_in_sbd")}


def scores_like_the_benchmark(config: Config) -> bool:
    steps = [step.type for step in config.test_dataloader.dataset.pipeline]
    labels = steps.index("LoadAnnotations")
    return {*steps[:labels]} <= OF_IMAGES and {*steps[labels + 1 :]} <= OF_BOTH


def learns_no_test_image(config: Config, tested: ConfigDict) -> bool:
    trained = config.train_dataloader.dataset.dataset
    folders = {(images.data_root, images.data_prefix.img_path) for images in (trained, tested)}
    lists = tuple(Path(images.get("ann_file", "")).stem for images in (trained, tested))
    if len(folders) == 1 and lists not in DISJOINT:
        return False
    earlier = config.get("load_from")
    return earlier is None or learns_no_test_image(
        Config.fromfile(CONFIGS / f"{'/'.join(Path(earlier).parts[1:3])}.py"), tested
    )


@pytest.mark.parametrize("report", sorted(SUITE.reports))
def test_runs_have_a_caveat_where_their_scores_are_not_the_benchmarks_and_nowhere_else(report: str) -> None:
    for run in SUITE.reports[report].runs:
        config = Config.fromfile(CONFIGS / SUITE.reports[report].dataset / f"{run.model}.py")
        held_out = run.route == "untrained" or learns_no_test_image(config, config.test_dataloader.dataset)
        comparable = scores_like_the_benchmark(config) and held_out
        assert (run.caveat is None) == comparable, f"{report}: {run.model}, {run.route}"
        if run.caveat is not None:
            steps = {step.type: step for step in config.test_dataloader.dataset.pipeline}
            assert ("painted" in run.caveat) == ("PaintEgoVehicle" in steps)
            assert ("1024\N{MULTIPLICATION SIGN}448" in run.caveat) == (
                "Resize" in steps and steps["Resize"].scale == (1024, 448)
            )
            assert ("cropped to rows 30 to 899" in run.caveat) == ("CropRows" in steps)
            assert ("five lowest rows" in run.caveat) == (steps.get("PaintEgoVehicle", {}).get("bottom_rows") == 5)
            assert ("trains on" in run.caveat) == (not held_out)


@pytest.mark.parametrize("name", ["camvid/espnet_p2q8.py", "cityscapes/espnet_p2q8.py"])
def test_network_sees_what_the_authors_network_saw(name: str) -> None:
    """They normalise, then resize, then divide by 255; MMSegmentation resizes first."""
    config = Config.fromfile(CONFIGS / name)
    image = np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8)
    init_default_scope(config.default_scope)
    steps = [step for step in config.test_dataloader.dataset.pipeline if not step.type.startswith("Load")]
    read_as_float = config.test_dataloader.dataset.pipeline[0].get("to_float32", False)
    loaded = {"img": image.astype(np.float32 if read_as_float else np.uint8), "img_shape": image.shape[:2]}
    item = Compose(steps)({**loaded, "ori_shape": image.shape[:2]})
    batch = {"inputs": [item["inputs"]], "data_samples": [item["data_samples"]]}
    seen = build_network(config).data_preprocessor(batch)["inputs"][0]

    mean = np.array(config.data_preprocessor.mean, np.float32)
    std = np.array(config.data_preprocessor.std, np.float32) / np.float32(255)
    expected = (image.astype(np.float32) - mean) / std
    if seen.shape[1:] != image.shape[:2]:
        expected = cv2.resize(expected, (1024, 512))
    np.testing.assert_allclose(seen.numpy(), expected.transpose(2, 0, 1) / 255, rtol=0, atol=1e-7)


@pytest.mark.slow
def test_camvid_constants_are_those_of_its_training_split(mirror: Path) -> None:
    config = Config.fromfile(CONFIGS / "camvid" / "espnet_p2q8.py")
    means, deviations, histogram = [], [], np.zeros(12)
    (archive,) = (mirror / "camvid").iterdir()
    with tarfile.open(archive) as files:
        for file in files:
            if "/CamVid/train/" not in file.name and "/CamVid/trainannot/" not in file.name:
                continue
            if not file.isfile():
                continue
            pixels = cv2.imdecode(np.frombuffer(files.extractfile(file).read(), np.uint8), cv2.IMREAD_UNCHANGED)
            if pixels.ndim == 3:
                means.append(pixels.mean((0, 1)))
                deviations.append(pixels.std((0, 1)))
            else:
                # Twelve equal bins between the image's own least and largest label, as in the authors' code.
                histogram += np.histogram(pixels, 12)[0]
    weights = 1 / np.log(1.10 + histogram / histogram.sum())
    np.testing.assert_allclose(config.data_preprocessor.mean, np.mean(means, 0), atol=5e-4)
    np.testing.assert_allclose(np.divide(config.data_preprocessor.std, 255), np.mean(deviations, 0), atol=5e-5)
    np.testing.assert_allclose(config.model.decode_head.loss_decode.class_weight, weights, atol=5e-5)


@pytest.mark.slow
def test_synthcity_constants_are_those_of_its_training_split(tmp_path: Path) -> None:
    config = Config.fromfile(CONFIGS / "synthcity" / "espnet_p2q8.py")
    manifest = loader.dataset("synthcity")
    only_train = manifest.model_copy(update={"splits": {"train": manifest.splits["train"]}})
    draw(only_train, loader.label_set("cityscapes"), tmp_path / "synthcity")
    means, deviations, histogram = [], [], np.zeros(256)
    for file in (tmp_path / "synthcity").glob(manifest.layout.images.format(split="train")):
        pixels = cv2.imread(str(file))
        means.append(pixels.mean((0, 1)))
        deviations.append(pixels.std((0, 1)))
    for file in (tmp_path / "synthcity").glob(manifest.layout.labels.format(split="train")):
        histogram += np.bincount(cv2.imread(str(file), cv2.IMREAD_UNCHANGED).ravel(), minlength=256)
    weights = 1 / np.log(1.02 + histogram[:19] / histogram[:19].sum())
    np.testing.assert_allclose(config.data_preprocessor.mean, np.mean(means, 0), atol=0.05)
    np.testing.assert_allclose(config.data_preprocessor.std, np.mean(deviations, 0), atol=0.05)
    np.testing.assert_allclose(config.model.decode_head.loss_decode.class_weight, weights, atol=0.05)


def draw_cityscapes_layout(root: Path, void: int = 255, block: int = 8, validated: int = 2) -> None:
    """Noise in 16x8 blocks, four images to train on and a few to validate; 128x64 pixels with blocks of 8."""
    random = np.random.default_rng(0)
    for split, images in (("train", 4), ("val", validated)):
        for folder in ("leftImg8bit", "gtFine"):
            (root / folder / split / "town").mkdir(parents=True)
        for i in range(images):
            labels = random.choice([*range(19), void], (8, 16)).astype(np.uint8).repeat(block, 0).repeat(block, 1)
            image = np.stack([labels * 12, labels * 5, random.integers(0, 256, labels.shape)], -1).astype(np.uint8)
            name = f"town_{i:06}_000019"
            cv2.imwrite(str(root / "leftImg8bit" / split / "town" / f"{name}_leftImg8bit.png"), image)
            cv2.imwrite(str(root / "gtFine" / split / "town" / f"{name}_gtFine_labelTrainIds.png"), labels)


def draw_camvid_layout(root: Path) -> None:
    random = np.random.default_rng(0)
    for split, images in (("train", 4), ("val", 2), ("test", 2)):
        for folder in (split, f"{split}annot"):
            (root / folder).mkdir(parents=True)
        for i in range(images):
            labels = random.integers(0, 12, (8, 16)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
            cv2.imwrite(str(root / split / f"{i}.png"), np.stack([labels * 20] * 3, -1))
            cv2.imwrite(str(root / f"{split}annot" / f"{i}.png"), labels)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("camvid/espnetc_p2q8.py", draw_camvid_layout),
        ("cityscapes/espnetc_p2q3.py", draw_cityscapes_layout),
        ("synthcity/espnet_p2q3.py", draw_cityscapes_layout),
    ],
)
def test_mmsegmentations_own_programs_train_and_test(name: str, draw, tmp_path: Path) -> None:
    draw(tmp_path / "data" / Path(name).parent)
    short = ["train_cfg.max_iters=2", "train_cfg.val_interval=2", "train_dataloader.batch_size=2"]

    def tool(program: str, *arguments: str) -> str:
        log = tmp_path / f"{program}.log"
        running = programs.start(TOOLS / program, CONFIGS / name, *arguments, folder=tmp_path, log=log)
        running.join()
        said = log.read_text()
        assert running.exitcode == 0, said[-6000:]
        return said

    assert "mIoU" in tool("train.py", "--work-dir", "run", "--cfg-options", *short)
    weights = torch.load(tmp_path / "run" / "iter_2.pth", weights_only=False)["state_dict"]
    assert all(value.isfinite().all() for value in weights.values())
    assert "mIoU" in tool("test.py", "run/iter_2.pth", "--work-dir", "test")

"""MMSegmentation's own programs and calls do with the suite's configs what they do with its own."""

import tarfile
from collections import Counter
from pathlib import Path

import cv2
import mmseg
import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.apis import MMSegInferencer, inference_model, init_model

from data_manifests import loader
from mmseg_plugins.networks.dataset_meta import dataset_meta
from mmseg_plugins.networks.network import build_network
from mmseg_plugins.training.weights import save_weights
from segrepro.errors import SegReproError
from tests import programs
from tests.test_configs import ALL, CONFIGS, TOOLS, draw_cityscapes_layout
from workflow.scripts import convert

# One config of each family.
FAMILIES = ["espnet_p2q3", "fcn2s_dilated_vgg16", "ladder_densenet121_2017", "ldn121", "shelfnet18_lw"]
MMSEGMENTATIONS_SCALES = Path(mmseg.__file__).parent / ".mim/configs/_base_/datasets/cityscapes.py"
SHORT = ("train_cfg.max_iters=2", "train_cfg.val_interval=2", "train_dataloader.batch_size=2")


def tool(program: str, config: Path, *arguments: object, folder: Path, **variables: str) -> str:
    """What a program of MMSegmentation's prints in a folder, in which it must not fail."""
    log = folder / f"{Path(program).stem}.log"
    running = programs.start(TOOLS / program, config, *arguments, folder=folder, log=log, **variables)
    running.join()
    said = log.read_text()
    assert running.exitcode == 0, said[-6000:]
    return said


@pytest.fixture(scope="module", params=FAMILIES)
def trained(request, tmp_path_factory) -> tuple[Path, Path]:
    """A config, and a folder with pictures of 256x128 and the checkpoint of a training of two iterations."""
    folder = tmp_path_factory.mktemp(request.param)
    draw_cityscapes_layout(folder / "data/synthcity", block=16, validated=1)
    config = CONFIGS / "synthcity" / f"{request.param}.py"
    assert "mIoU" in tool("train.py", config, "--work-dir", "run", "--cfg-options", *SHORT, folder=folder)
    return config, folder


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", [(), ("--tta",)], ids=["plain", "tta"])
def test_test_py_scores_and_draws(trained: tuple[Path, Path], augmentation: tuple[str, ...]) -> None:
    config, folder = trained
    shown = f"shown{len(augmentation)}"
    arguments = ("run/iter_2.pth", "--work-dir", "test", *augmentation, "--show-dir", shown)
    assert "mIoU" in tool("test.py", config, *arguments, folder=folder)
    (drawn,) = (folder / shown).rglob("*.png")
    # Truth and prediction side by side.
    assert cv2.imread(str(drawn)).shape == (128, 512, 3)


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", [(), ("--tta",)], ids=["plain", "tta"])
def test_test_py_draws_on_the_canvas_where_that_is_what_is_scored(
    augmentation: tuple[str, ...], tmp_path: Path
) -> None:
    images, labels, lists = (
        tmp_path / "data/voc2012" / name for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation")
    )
    for folder in (images, labels, lists):
        folder.mkdir(parents=True)
    (lists / "val.txt").write_text("grey\n")
    cv2.imwrite(str(images / "grey.jpg"), np.full((75, 100, 3), 128, np.uint8))
    cv2.imwrite(str(labels / "grey.png"), np.full((75, 100), 7, np.uint8))
    config = CONFIGS / "voc2012/ladder_resnet50_2017.py"
    network = build_network(Config.fromfile(config))
    save_weights(network.state_dict(), tmp_path / "weights.pth")
    arguments = ("weights.pth", "--work-dir", "test", *augmentation, "--show-dir", "shown")
    assert "mIoU" in tool("test.py", config, *arguments, folder=tmp_path)
    (drawn,) = (tmp_path / "shown").rglob("*.png")
    truth, _ = np.split(cv2.imread(str(drawn)), 2, axis=1)
    assert truth.shape == (500, 500, 3)
    margin, middle = truth[:200], truth[213:287, 201:299]
    assert not margin.any() and middle.any((0, 1)).all()


@pytest.mark.slow
def test_browse_dataset_py_draws_the_training_images_as_the_network_sees_them(trained: tuple[Path, Path]) -> None:
    config, folder = trained
    tool("analysis_tools/browse_dataset.py", config, "--not-show", "--output-dir", "browsed", folder=folder)
    drawn = {path.name: cv2.imread(str(path)).shape for path in (folder / "browsed").iterdir()}
    assert len(drawn) == 4
    (crop,) = (step.crop_size for step in Config.fromfile(config).train_pipeline if step.type == "RandomCrop")
    assert set(drawn.values()) == {(min(crop[0], 128), crop[1], 3)}


@pytest.mark.slow
def test_its_calls_predict_a_picture_of_any_size(trained: tuple[Path, Path]) -> None:
    config, folder = trained
    picture = np.random.default_rng(0).integers(0, 256, (101, 135, 3), np.uint8)
    cv2.imwrite(str(folder / "own.png"), picture)
    model = init_model(str(config), str(folder / "run/iter_2.pth"), device="cpu")
    from_file, from_array = inference_model(model, str(folder / "own.png")), inference_model(model, picture)
    assert from_file.pred_sem_seg.shape == (101, 135)
    assert torch.equal(from_file.pred_sem_seg.data, from_array.pred_sem_seg.data)
    inferencer = MMSegInferencer(str(config), str(folder / "run/iter_2.pth"), device="cpu", show_progress=False)
    found = inferencer(str(folder / "own.png"), out_dir=str(folder / "inferred"))
    assert np.array_equal(found["predictions"], from_file.pred_sem_seg.data[0].numpy())
    assert cv2.imread(str(folder / "inferred/vis/own.png")).shape == picture.shape
    assert inferencer.visualizer.dataset_meta["classes"] == model.dataset_meta["classes"]
    names = [c.name for c in loader.label_set("cityscapes").classes]
    assert list(model.dataset_meta["classes"]) == names


# MMSegmentation's train.py as torchrun starts it, but without GPUs, whose numbers MMEngine hands on.
ON_CPUS = """\
import functools, os, runpy, sys
import mmengine.runner.runner as runner
from torch.distributed import init_process_group

init_process_group("gloo", init_method="file://" + os.environ["GROUP"], rank=int(os.environ["RANK"]), world_size=2)
wrap = runner.MMDistributedDataParallel
runner.MMDistributedDataParallel = lambda **arguments: wrap(**{**arguments, "device_ids": None})
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def train_in_two_processes(config: Path, folder: Path, *options: str) -> list[int | None]:
    """Exit codes of both."""
    (folder / "on_cpus.py").write_text(ON_CPUS)
    arguments = (TOOLS / "train.py", config, "--launcher", "pytorch", "--work-dir", "run", "--cfg-options", *options)
    running = [
        programs.start(
            folder / "on_cpus.py", *arguments, folder=folder, log=folder / f"{rank}.log",
            RANK=rank, LOCAL_RANK=rank, GROUP=str(folder / "group"), OMP_NUM_THREADS="1",
        )
        for rank in ("0", "1")
    ]  # fmt: skip
    for process in running:
        process.join()
    return [process.exitcode for process in running]


@pytest.mark.slow
def test_shelfnet_trains_in_two_processes(tmp_path: Path) -> None:
    draw_cityscapes_layout(tmp_path / "data/synthcity", block=16, validated=2)
    options = ("train_cfg.max_iters=3", "train_cfg.val_interval=3")
    codes = train_in_two_processes(CONFIGS / "synthcity/shelfnet18_lw.py", tmp_path, *options)
    assert codes == [0, 0], (tmp_path / "0.log").read_text()[-4000:]
    assert (tmp_path / "run/iter_3.pth").is_file()


@pytest.mark.parametrize("name", [name for name in ALL if Path(name).stem.startswith("shelfnet")])
def test_every_shelfnet_is_prepared_for_several_processes(name: str) -> None:
    assert Config.fromfile(CONFIGS / name).find_unused_parameters is True


@pytest.mark.parametrize("name", ALL)
def test_every_config_tests_at_mmsegmentations_scales_and_flips_against_the_same_truth(
    name: str, tmp_path: Path
) -> None:
    config = Config.fromfile(CONFIGS / name)
    init_default_scope(config.default_scope)
    assert config.tta_model == {"type": "SegTTAModel"}
    width, height = loader.dataset(Path(name).parent.name).image_size or (500, 375)
    if not any(step.type == "CropRows" for step in config.test_pipeline):  # which asks for whole images
        width, height = width // 4, height // 4
    picture, truth = tmp_path / "a.png", tmp_path / "a_labelTrainIds.png"
    random = np.random.default_rng(0)
    cv2.imwrite(str(picture), random.integers(0, 256, (height, width, 3), np.uint8))
    for file in (truth, tmp_path / "a_labelIds.png"):
        cv2.imwrite(str(file), random.integers(0, 11, (height, width), np.uint8))

    def loaded() -> dict[str, object]:
        described = {"img_path": str(picture), "seg_map_path": str(truth)}
        return {**described, "label_map": None, "reduce_zero_label": False, "seg_fields": []}

    plain = Compose(config.test_dataloader.dataset.pipeline)(loaded())
    views = Compose(config.tta_pipeline)(loaded())
    sizes = Counter(tuple(view.shape[1:]) for view in views["inputs"])
    seen = plain["inputs"].shape[1:]
    theirs = Config.fromfile(MMSEGMENTATIONS_SCALES).img_ratios
    assert sizes == {tuple(int(side * ratio + 0.5) for side in seen): 2 for ratio in theirs}
    assert [view.metainfo["flip"] for view in views["data_samples"]] == [False, True] * len(theirs)
    for sample in views["data_samples"]:
        assert sample.ori_shape == plain["data_samples"].ori_shape
        assert torch.equal(sample.gt_sem_seg.data, plain["data_samples"].gt_sem_seg.data)


@pytest.mark.parametrize("size", [(375, 500), (520, 640)], ids=["smaller", "larger"])
def test_the_canvas_of_the_2017_ladder_is_not_put_around_a_picture_of_ones_own(
    size: tuple[int, int], tmp_path: Path
) -> None:
    config, weights = CONFIGS / "voc2012/ladder_densenet169_2017.py", tmp_path / "weights.pth"
    torch.manual_seed(0)
    network = build_network(Config.fromfile(config))
    save_weights(network.state_dict(), weights, dataset_meta(network, loader.label_set("voc2012")))
    cv2.imwrite(str(tmp_path / "own.png"), np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8))
    model = init_model(str(config), str(weights), device="cpu")
    found = inference_model(model, str(tmp_path / "own.png"))
    assert found.pred_sem_seg.shape == size
    model.cfg.test_pipeline = [{"type": "LoadImageFromFile"}, {"type": "PackSegInputs"}]
    as_it_is = inference_model(model, str(tmp_path / "own.png"))
    assert torch.equal(found.pred_sem_seg.data, as_it_is.pred_sem_seg.data)
    inferencer = MMSegInferencer(str(config), str(weights), device="cpu", show_progress=False)
    drawn = inferencer(str(tmp_path / "own.png"), return_vis=True)
    assert drawn["visualization"].shape == (*size, 3)
    assert np.array_equal(drawn["predictions"], found.pred_sem_seg.data[0].numpy())


def test_the_2017_ladder_says_why_it_paints_no_picture_of_ones_own(tmp_path: Path) -> None:
    pipeline = Config.fromfile(CONFIGS / "cityscapes/ladder_densenet121_2017.py").test_pipeline
    init_default_scope("mmseg")
    steps = [step for step in pipeline if step.type not in ("LoadImageFromFile", "LoadAnnotations")]
    picture = np.zeros((600, 800, 3), np.uint8)
    with pytest.raises(SegReproError, match=r"^an image: found no label map; .* take LoadLabelIds, CropRows and Paint"):
        Compose(steps)({"img": picture, "img_shape": picture.shape[:2], "ori_shape": picture.shape[:2]})
    without = [step for step in steps if step.type not in ("LoadLabelIds", "CropRows", "PaintEgoVehicle")]
    packed = Compose(without)({"img": picture, "img_shape": picture.shape[:2], "ori_shape": picture.shape[:2]})
    assert packed["data_samples"].img_shape == (448, 1024)
    assert packed["data_samples"].ori_shape == (600, 800)


def test_real_sky_is_called_sky(mirror: Path, tmp_path: Path) -> None:
    with tarfile.open(next((mirror / "camvid").iterdir())) as files:
        member = next(file for file in files if "/CamVid/test/" in file.name and file.isfile())
        content = files.extractfile(member).read()
    (tmp_path / "street.png").write_bytes(content)
    published = mirror / "espnet" / "decoder-espnet_p_2_q_8_camvid.pth"
    convert.main("espnet_p2q8", published, tmp_path / "weights.pth")
    config = str(CONFIGS / "camvid/espnet_p2q8.py")

    model = init_model(config, str(tmp_path / "weights.pth"), device="cpu")
    found = inference_model(model, str(tmp_path / "street.png")).pred_sem_seg.data[0].numpy()
    inferencer = MMSegInferencer(config, str(tmp_path / "weights.pth"), device="cpu", show_progress=False)
    inferred = inferencer(str(tmp_path / "street.png"), out_dir=str(tmp_path / "inferred"))["predictions"]
    for predicted, meta in ((found, model.dataset_meta), (inferred, inferencer.visualizer.dataset_meta)):
        (largest, _), *_ = Counter(predicted[:60].ravel().tolist()).most_common()
        assert meta["classes"][largest].lower() == "sky"
    assert cv2.imread(str(tmp_path / "inferred/vis/street.png")).shape[:2] == predicted.shape

"""Faster ways to the same training samples: resizing of the crop alone, pictures kept without compression."""

import json
import os
import re
from pathlib import Path

import cv2
import mmcv
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.fileio import get
from PIL import Image

from benchmarks import training_input
from benchmarks.training_input import RECIPE, RESIZED_WHOLE, UNCOMPRESSED
from mmseg_plugins.datasets.resize_on_demand import Resized
from mmseg_plugins.training.seeded_sampler import SampleKey
from segrepro.errors import SegReproError


@pytest.fixture(scope="module")
def cityscapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn streets in the layout of Cityscapes."""
    folder = tmp_path_factory.mktemp("data") / "cityscapes"
    training_input.draw(folder, images=2, width=1024, height=512)
    return folder


def image_file(cityscapes: Path) -> Path:
    return min(cityscapes.glob("leftImg8bit/train/*/*.png"))


def read(file: Path, folder: Path) -> bytes:
    return get(file, backend_args={"backend": "uncompressed", "folder": str(folder)})


def kept(folder: Path) -> Path:
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    return file


def decoded(content: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


# ---- resizing on demand ----


@pytest.mark.parametrize("size", [(128, 256), (100, 100), (256, 100)], ids=str)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_a_crop_of_the_stand_in_is_the_crop_of_the_resized_image(interpolation, size):
    """By one ratio and by two, of a landscape, a square and a portrait."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    for number in range(60):
        ratios = rng.uniform(0.3, 3, 2) if number % 2 else 2 * [rng.uniform(0.3, 2)]
        height, width = (int(side * ratio) for side, ratio in zip(size, ratios, strict=True))
        whole = mmcv.imresize(image, (width, height), interpolation=interpolation, backend="pillow")
        stand_in = Resized(image, (width, height), interpolation)
        top, left = rng.integers(0, height), rng.integers(0, width)
        crop = slice(top, top + 96), slice(left, left + 96)  # often beyond the border
        assert stand_in.shape == whole.shape
        np.testing.assert_array_equal(stand_in[crop], whole[crop])
    np.testing.assert_array_equal(stand_in, whole)


def test_a_crop_needs_only_its_rows(monkeypatch):
    resized = []
    resize = mmcv.imresize
    monkeypatch.setattr(mmcv, "imresize", lambda array, size, **kw: resized.append(size) or resize(array, size, **kw))
    Resized(np.zeros((1024, 2048, 3), np.uint8), (4096, 2048), "bicubic")[500:1268, 800:1568]
    assert resized == [(4096, 390), (768, 2048)]


def test_recipes_resize_on_demand():
    assert {recipe for recipe in training_input.RECIPES if training_input.resizes_on_demand(recipe)} == {
        "ldn121",
        "shelfnet50",
        "shelfnet18_lw",
    }


# ---- uncompressed pictures ----


def test_kept_pictures_have_the_pixels_of_the_files(cityscapes, tmp_path):
    for number, file in enumerate(sorted(cityscapes.rglob("*.png"))):
        folder = tmp_path / str(number)
        for content in (read(file, folder), read(file, folder)):
            np.testing.assert_array_equal(decoded(content), decoded(file.read_bytes()))
        assert kept(folder).stat().st_size > decoded(content).nbytes


def test_a_palette_is_kept(tmp_path):
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16) % 7
    image = Image.fromarray(indices, "P")
    image.putpalette([(37 * i) % 256 for i in range(21)])
    image.save(tmp_path / "labels.png")
    content = read(tmp_path / "labels.png", tmp_path / "kept")
    np.testing.assert_array_equal(mmcv.imfrombytes(content, flag="unchanged", backend="pillow"), indices)


def test_the_second_reading_decodes_no_png(cityscapes, tmp_path, monkeypatch):
    read(image_file(cityscapes), tmp_path)
    monkeypatch.setattr(Image, "open", None)
    read(image_file(cityscapes), tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1000],
        lambda content: content[:5],
        lambda content: content[:4000] + bytes([content[4000] ^ 1]) + content[4001:],
        lambda content: content[:-8] + bytes([content[-8] ^ 1]) + content[-7:],
    ],
    ids=["cut", "almost empty", "one bit of a pixel", "one bit of the stamp"],
)
def test_a_damaged_picture_is_named(cityscapes, tmp_path, damage):
    read(image_file(cityscapes), tmp_path)
    file = kept(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(SegReproError, match=f"^{file}: found .* Remove {file}"):
        read(image_file(cityscapes), tmp_path)


def test_a_stale_picture_is_named_and_made_again_once_removed(tmp_path):
    source, folder = tmp_path / "image.png", tmp_path / "kept"
    for level in (10, 20):
        Image.fromarray(np.full((8, 8, 3), level, np.uint8)).save(source)
        os.utime(source, ns=(level, level))
        if level == 20:
            with pytest.raises(SegReproError, match=f"^{kept(folder)}: found pixels of an older {source}"):
                read(source, folder)
            kept(folder).unlink()
        assert (decoded(read(source, folder)) == level).all()


@pytest.mark.parametrize("mode", ["I;16", "RGBA"])
def test_what_a_bmp_cannot_hold_is_refused(tmp_path, mode):
    Image.new(mode, (4, 4)).save(tmp_path / "image.png")
    with pytest.raises(SegReproError, match=f"^{tmp_path / 'image.png'}: found .*; expected a "):
        read(tmp_path / "image.png", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("content", [b"no picture", "cut"])
def test_a_broken_file_is_refused(cityscapes, tmp_path, content):
    source = tmp_path / "image.png"
    source.write_bytes(image_file(cityscapes).read_bytes()[:-20000] if content == "cut" else content)
    with pytest.raises(SegReproError, match=f"^{source}: found .*; expected a PNG"):
        read(source, tmp_path / "kept")


def test_a_folder_that_cannot_be_written_is_named(cityscapes, tmp_path):
    (tmp_path / "kept").write_text("a file, where the folder should be")
    with pytest.raises(NotADirectoryError, match=f"{tmp_path / 'kept'}/"):
        read(image_file(cityscapes), tmp_path / "kept")


# ---- the samples ----


def test_samples_are_the_same_in_every_way(cityscapes, monkeypatch):
    # Images of full size, as the recipe of 2017 needs them, would take too long.
    monkeypatch.setattr(training_input, "RECIPES", ("ldn121", "shelfnet50", "shelfnet18_lw", "espnet_p2q8"))
    by_recipe = training_input.datasets(cityscapes)
    assert set(by_recipe["ldn121"]) == {RESIZED_WHOLE, RECIPE, UNCOMPRESSED}
    for by_way in by_recipe.values():
        training_input.check_equal(by_way, [SampleKey(0, 3), SampleKey(1, 4)])


def test_a_difference_in_one_pixel_stops_the_benchmark(cityscapes):
    by_way = {way: training_input.dataset("espnet_p2q8", cityscapes, way) for way in (RECIPE, UNCOMPRESSED)}
    sample = by_way[RECIPE][SampleKey(0, 0)]
    sample["data_samples"].gt_sem_seg.data[0, 0, 0] ^= 1
    by_way[UNCOMPRESSED] = {SampleKey(0, 0): sample}
    with pytest.raises(AssertionError):
        training_input.check_equal(by_way, [SampleKey(0, 0)])


def test_the_config_of_the_readme_reads_uncompressed_files(tmp_path):
    (text,) = re.findall(r"```python\n(.*?)```", Path(training_input.__file__).with_name("README.md").read_text(), re.S)
    config = tmp_path / "ldn121_uncompressed.py"
    config.write_text(text.replace("ldn121.py", str(training_input.CONFIGS / "ldn121.py")))
    loading = {"backend": "uncompressed", "folder": "/scratch/decoded"}
    recipe = Config.fromfile(training_input.CONFIGS / "ldn121.py").train_pipeline
    pipeline = Config.fromfile(config).train_dataloader.dataset.dataset.pipeline
    assert pipeline == [{**step, "backend_args": loading} for step in recipe[:2]] + recipe[2:]


def test_the_benchmark_writes_every_way_and_every_step(cityscapes, tmp_path, capsys, monkeypatch):
    # The program makes these settings for its own process.
    monkeypatch.setattr(torch, "set_num_threads", lambda number: None)
    monkeypatch.setattr(cv2, "setNumThreads", lambda number: None)
    monkeypatch.setattr(training_input, "RECIPES", ("ldn121",))
    training_input.main(tmp_path / "input.json", images=1, samples=1, rounds=1, width=128, height=64)
    written = json.loads((tmp_path / "input.json").read_text())
    assert set(written["ms"]) == {f"ldn121: {way}" for way in (RESIZED_WHOLE, RECIPE, UNCOMPRESSED)}
    for name, row in written["ms"].items():
        steps = [value["median"] for step, value in written["steps_ms"].items() if step.startswith(f"{name}: ")]
        assert len(steps) == 7
        assert 0.5 * row["median"] < sum(steps) <= row["median"]
    assert RECIPE in capsys.readouterr().out

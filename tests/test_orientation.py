"""An orientation that a camera noted turns no image: label maps are drawn for the pixels as they are stored."""

import io

import cv2
import mmcv.transforms
import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, TRANSFORMS
from PIL import Image

from data_manifests import loader
from mmseg_plugins.datasets import LoadImageFromFile
from mmseg_plugins.evaluation.split import build_hidden_split, build_test_split
from tests.dataset_chain import tiny, write_archives
from tests.test_voc2012 import COUNTS, TEST, classes, size, tiny_archives
from tests.tiny_network import config
from workflow.data.check.verify import verify
from workflow.data.prepare import voc2012
from workflow.submission.images import hidden_images

LABELS = loader.label_set("voc2012")
ORIENTATION = 0x0112  # the tag's number in the EXIF standard
TURNS = {"mirrored": 2, "180 degrees": 3, "90 degrees": 6}


def stored_pixels(name):
    """RGB, what the label map of an image of the tiny VOC was drawn for: red by its class, green from left to right."""
    red = classes(name, "voc")
    green = np.broadcast_to(np.linspace(0, 255, red.shape[1]).astype(np.uint8), red.shape)
    return np.stack([red, green, np.full_like(red, 128)], axis=2)


def picture(pixels, orientation, form):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = io.BytesIO()
    Image.fromarray(pixels).save(
        content, form, exif=exif, **({"quality": 100, "subsampling": 0} if form == "JPEG" else {})
    )
    return content.getvalue()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    archives = tiny_archives()
    manifest = tiny("voc2012", archives, COUNTS)
    voc2012.prepare(manifest, write_archives(folder / "downloads", archives), folder / "voc2012", threads=1)
    return manifest, folder / "voc2012"


@pytest.fixture(params=TURNS.values(), ids=TURNS.keys())
def turned(request, prepared):
    """VOC in which every image notes an orientation."""
    manifest, data = prepared
    for file in data.rglob("*.jpg"):
        file.write_bytes(picture(stored_pixels(file.stem), request.param, "JPEG"))
        # The file is one that a reader turns unless it is told not to.
        as_read, seen = cv2.imread(str(file))[..., ::-1], stored_pixels(file.stem)
        assert as_read.shape != seen.shape or np.abs(as_read.astype(int) - seen).max() > 50
    return manifest, data


def test_it_is_verified_trained_on_and_predicted_as_it_is_stored(turned):
    manifest, data = turned
    assert verify(manifest, LABELS, data, None, threads=1)["splits"]["val"]["images"] == COUNTS["val"]
    settings = config("voc2012", data, LABELS)
    init_default_scope("mmseg")
    settings.train_dataloader.dataset.dataset.pipeline[2].prob = 0.0  # no flip
    training = DATASETS.build(settings.train_dataloader.dataset.dataset)
    _, test = build_test_split(settings, manifest, LABELS)
    for dataset in (training, test):
        for item in dataset:
            sample = item["data_samples"]
            name = sample.img_path.rpartition("/")[2].removesuffix(".jpg")
            found = item["inputs"].numpy()[::-1].transpose(1, 2, 0)  # BGR planes to RGB
            assert sample.gt_sem_seg.shape == found.shape[:2]
            np.testing.assert_array_equal(sample.gt_sem_seg.data[0], classes(name, "voc"))
            np.testing.assert_allclose(found.astype(int), stored_pixels(name), atol=30)  # JPEG's own loss at edges
            assert np.abs(found.astype(int) - stored_pixels(name)).mean() < 3


def test_a_submission_has_the_size_that_is_stored(turned):
    manifest, data = turned
    (sent,) = build_hidden_split(config("voc2012", data, LABELS), manifest, LABELS, "test")
    assert sent["data_samples"].ori_shape == size(TEST[0])[::-1]
    assert hidden_images(manifest, data, "test") == {TEST[0]: size(TEST[0])}


@pytest.mark.parametrize("orientation", TURNS.values(), ids=TURNS.keys())
def test_a_picture_kept_without_compression_is_the_stored_one(tmp_path, orientation):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (12, 20, 3), np.uint8)
    (tmp_path / "image.png").write_bytes(picture(pixels, orientation, "PNG"))
    backend = {"backend": "uncompressed", "folder": str(tmp_path / "kept")}
    for arguments in ({}, {"backend_args": backend}, {"backend_args": backend}, {"imdecode_backend": "pillow"}):
        loaded = LoadImageFromFile(**arguments)({"img_path": str(tmp_path / "image.png")})
        np.testing.assert_array_equal(loaded["img"][..., ::-1], pixels)


def test_every_config_loads_images_by_the_suites_rule():
    init_default_scope("mmseg")
    assert TRANSFORMS.get("LoadImageFromFile") is LoadImageFromFile
    assert issubclass(LoadImageFromFile, mmcv.transforms.LoadImageFromFile)
    for file in (loader.ROOT.parent / "mmseg_plugins/configs").rglob("*.py"):
        assert "color_type" not in file.read_text(), f"{file} decides by itself"

"""The suite's own dataset classes and transforms."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, TRANSFORMS
from PIL import Image

import mmseg_plugins.datasets  # noqa: F401  registers them
from data_manifests.loader import label_set
from segrepro.errors import SegReproError

FIXTURES = Path(__file__).parent / "fixtures" / "espnet"


@pytest.fixture(scope="module")
def protocol() -> dict[str, np.ndarray]:
    """What ESPNet's own transforms gave."""
    with np.load(FIXTURES / "protocol_espnet.npz") as content:
        return dict(content)


def transform(name: str, **arguments: object):
    init_default_scope("mmseg")
    return TRANSFORMS.build({"type": name, **arguments})


def sample(image: np.ndarray, labels: np.ndarray) -> dict[str, object]:
    return {"img": image.astype(np.float32), "gt_seg_map": labels.copy(), "seg_fields": ["gt_seg_map"]}


def test_camvid_reads_image_and_label_map_of_the_same_name(tmp_path: Path) -> None:
    for folder, pixels in (("test", np.full((4, 6, 3), 7)), ("testannot", np.arange(24).reshape(4, 6) % 12)):
        (tmp_path / folder).mkdir()
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / folder / "0001TP_008550.png")
    init_default_scope("mmseg")
    dataset = DATASETS.build(
        {
            "type": "CamVidDataset",
            "data_root": str(tmp_path),
            "data_prefix": {"img_path": "test", "seg_map_path": "testannot"},
            "pipeline": [{"type": "LoadImageFromFile"}, {"type": "LoadAnnotations"}, {"type": "PackSegInputs"}],
        }
    )
    (item,) = dataset
    assert item["inputs"].shape == (3, 4, 6)
    assert item["data_samples"].gt_sem_seg.data.unique().tolist() == list(range(12))
    assert dataset.metainfo["classes"] == tuple(c.name for c in label_set("camvid").classes)


def test_zoom_is_the_authors(protocol: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    zoom = transform("RandomCropResize", max_margin=2)
    monkeypatch.setattr(zoom, "margins", lambda: tuple(protocol["cropresize_x1y1"]))
    zoomed = zoom(sample(protocol["cropresize_in"], protocol["flip_in_label"]))
    np.testing.assert_array_equal(zoomed["img"], protocol["cropresize_out_image"])
    np.testing.assert_array_equal(zoomed["gt_seg_map"], protocol["cropresize_out_label"])


def test_zoom_draws_every_margin_and_sometimes_none() -> None:
    np.random.seed(0)
    zoom = transform("RandomCropResize", max_margin=2)
    drawn = [zoom.margins() for _ in range(400)]
    assert {pair for pair in drawn if pair} == {(x, y) for x in range(3) for y in range(3)}
    assert 0.4 < drawn.count(None) / len(drawn) < 0.6


def test_zoom_without_margin_or_never_changes_nothing(protocol: dict[str, np.ndarray]) -> None:
    for arguments in ({"max_margin": 0, "prob": 1}, {"max_margin": 3, "prob": 0}):
        before = sample(protocol["cropresize_in"], protocol["flip_in_label"])
        after = transform("RandomCropResize", **arguments)(dict(before))
        np.testing.assert_array_equal(after["img"], before["img"])
        np.testing.assert_array_equal(after["gt_seg_map"], before["gt_seg_map"])


def test_vertical_flip_is_the_authors(protocol: dict[str, np.ndarray]) -> None:
    results = sample(protocol["cropresize_in"], protocol["flip_in_label"])
    flipped = transform("RandomFlip", prob=1.0, direction="vertical")(
        {**results, "img_shape": results["img"].shape[:2]}
    )
    np.testing.assert_array_equal(flipped["gt_seg_map"], protocol["flip_out_label"])


def test_void_becomes_a_class_and_nothing_else_changes() -> None:
    labels = np.array([[0, 255, 18], [255, 7, 254]], np.uint8)
    results = transform("VoidAsClass", void=255, label=19)({"gt_seg_map": labels.copy()})
    assert results["gt_seg_map"].dtype == np.uint8
    np.testing.assert_array_equal(results["gt_seg_map"], [[0, 19, 18], [19, 7, 254]])


@pytest.mark.parametrize("content", [b"", b"no image at all"], ids=["empty", "text"])
def test_a_damaged_image_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "street.png"
    image.write_bytes(content)
    with pytest.raises(SegReproError, match=r"street\.png: found a file that cannot be decoded.*data/verified"):
        transform("LoadImageFromFile")({"img_path": str(image)})

"""PASCAL Context, on a tiny VOC 2010 and annotations in the form of the Detail API."""

import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

import cv2
import mmseg
import mmseg.datasets
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.dataset_chain import jpeg, offered, tiny, train_and_predict, write_archives
from workflow.data.check.verify import verify
from workflow.data.prepare import pascal_context

PROJECT = Path(__file__).resolve().parents[1]
LABELS = loader.label_set("pascal_context")
CONVERTER = Path(mmseg.__file__).parent / ".mim/tools/dataset_converters/pascal_context.py"
IMAGES = {2008000002: ("train", 50, 40), 2008000003: ("train", 44, 36), 2010000001: ("val", 40, 50)}
COUNTS = {"train": 2, "val": 1, "test": 1}
# The owners' file names it; its labels are hidden, and VOC's archive of train and val does not have its picture.
TEST = {"image_id": 2010000005, "file_name": "2010_000005.jpg", "phase": "test", "width": 50, "height": 40}


def converters_ids():
    """The owner's ids of background and the 59 classes, as MMSegmentation's converter lists and sorts them."""
    listed = re.search(r"_mapping = np.sort\(\s*np.array\(\[([\d,\s]+)\]\)\)", CONVERTER.read_text())
    return sorted(int(text) for text in listed[1].split(","))


def file_stem(image):
    return f"{str(image)[:4]}_{str(image)[4:]}"


def owners_ids(image):
    """What the owner drew: every pixel has one of the 60 ids."""
    _, width, height = IMAGES[image]
    rng = np.random.default_rng(image)
    return rng.choice(converters_ids(), (height // 4 + 1, width // 4 + 1)).repeat(4, 0).repeat(4, 1)[:height, :width]


def annotations():
    segments = []
    for image in IMAGES:
        ids = owners_ids(image)
        for category in np.unique(ids):
            runs = coco_mask.encode(np.asfortranarray(ids == category))
            segments.append({
                "segm_id": len(segments) + 1, "image_id": image, "category_id": int(category), "parts": [],
                "area": int(coco_mask.area(runs)), "bbox": coco_mask.toBbox(runs).tolist(), "iscrowd": 0,
                "segmentation": {"size": runs["size"], "counts": runs["counts"].decode()},
            })  # fmt: skip
    return {
        "info": {"year": 2010},
        "images": [
            {
                "image_id": image,
                "file_name": f"{file_stem(image)}.jpg",
                "phase": phase,
                "width": width,
                "height": height,
            }
            for image, (phase, width, height) in IMAGES.items()
        ]
        + [TEST],
        "annos_segmentation": segments,
        "annos_occlusion": [],
        "annos_boundary": [],
        "categories": [{"category_id": i, "name": f"c{i}"} for i in converters_ids()],
    }


def archives(content):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        files = {f"JPEGImages/{file_stem(i)}.jpg": jpeg(w, h, i % 1000) for i, (_, w, h) in IMAGES.items()}
        files |= {"JPEGImages/2010_000002.jpg": jpeg(40, 30, 0), "ImageSets/Main/train.txt": b"2008_000002\n"}
        for name, data in files.items():
            info = tarfile.TarInfo(f"VOCdevkit/VOC2010/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {"VOCtrainval_03-May-2010.tar": tar.getvalue(), "trainval_merged.json": text}


def sha1_of(content):
    return hashlib.new("sha1", content, usedforsecurity=False).hexdigest()


def prepare(folder, content):
    files = archives(content)
    manifest = tiny("pascal_context", files, COUNTS)
    pascal_context.prepare(manifest, write_archives(folder / "downloads", files), folder / "pascal_context", threads=1)
    return manifest, folder / "pascal_context"


def expected_labels(image):
    return np.searchsorted(converters_ids(), owners_ids(image)).astype(np.uint8)


def test_classes_and_ids_are_mmsegmentations():
    meta, ids = mmseg.datasets.PascalContextDataset59.METAINFO, loader.dataset("pascal_context").category_ids
    assert tuple(c.name for c in LABELS.classes) == meta["classes"] == tuple(ids)
    assert [list(c.color) for c in LABELS.classes] == meta["palette"]
    assert [0, *ids.values()] == converters_ids()


def test_label_maps_are_those_that_mmsegmentations_converter_makes(tmp_path):
    manifest, data = prepare(tmp_path, annotations())
    for image, (phase, _, _) in IMAGES.items():
        labels = cv2.imread(str(data / f"SegmentationClassContext/{file_stem(image)}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(labels, expected_labels(image))
        assert file_stem(image) in (data / f"ImageSets/SegmentationContext/{phase}.txt").read_text().split()
    verified = verify(manifest, LABELS, data, None, threads=1)
    assert verified["splits"] == {name: {"images": n, "labels": n} for name, n in COUNTS.items() if name != "test"}
    assert sorted(p.name for p in data.iterdir()) == ["ImageSets", "JPEGImages", "SegmentationClassContext"]


def test_annotations_are_known_by_their_sha1(tmp_path):
    files = archives(annotations())
    manifest, downloads = tiny("pascal_context", files, COUNTS), write_archives(tmp_path / "downloads", files)
    assert manifest.sources[1].digest == ("sha1", sha1_of(files["trainval_merged.json"]))
    same_size = files["trainval_merged.json"].replace(b"2010", b"2011")
    (downloads / "trainval_merged.json").write_bytes(same_size)
    with pytest.raises(SegReproError, match=r"trainval_merged\.json: found sha1 \w{40}; expected \w{40}"):
        pascal_context.prepare(manifest, downloads, tmp_path / "pascal_context", threads=1)


def test_a_value_that_is_no_class_is_named(tmp_path):
    manifest, data = prepare(tmp_path, annotations())
    cv2.imwrite(str(data / "SegmentationClassContext/2010_000001.png"), np.full((50, 40), 60, np.uint8))
    with pytest.raises(SegReproError, match=r"2010_000001\.png: found label values \[60\]; expected 0 to 59"):
        verify(manifest, LABELS, data, None, threads=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: b"<html>", "found JSONDecodeError"),
        (lambda a: {**a, "annos_segmentation": [{"image_id": 1, "category_id": 3, "segmentation": []}]}, "KeyError 3"),
        (lambda a: {**a, "images": [{"id": 1}]}, "KeyError 'file_name'"),
        (lambda a: [], "found TypeError"),
        (
            lambda a: {**a, "annos_segmentation": [{**a["annos_segmentation"][1], "segmentation": {"counts": [5]}}]},
            "annotations of 2008_000002: found an outline that cannot be drawn",
        ),
    ],
)
def test_annotations_of_another_form_are_refused(tmp_path, change, message):
    with pytest.raises(SegReproError, match=message):
        prepare(tmp_path, change(annotations()))
    assert not (tmp_path / "pascal_context").exists()


@pytest.mark.slow
def test_from_the_server_to_a_training_step_and_an_evaluation(tmp_path, monkeypatch):
    checkout = Checkout(tmp_path / "checkout")
    files = archives(annotations())
    manifest = tiny("pascal_context", files, COUNTS)
    with offered(checkout, manifest, files):
        done = checkout.snakemake("data/verified/pascal_context.json")
    assert done.returncode == 0, done.stdout
    assert "the split test was left out" in done.stdout

    monkeypatch.chdir(checkout.folder)
    split, prediction = train_and_predict(manifest, PROJECT, tmp_path)
    assert (split, prediction.names) == ("val", ("2010_000001",))
    # MMSegmentation takes 1 from every label, and background, 0, becomes void.
    truth = np.bincount(expected_labels(2010000001).ravel(), minlength=60)
    np.testing.assert_array_equal(prediction.counts.confusion[0].sum(axis=1), [*truth[1:], truth[0]])

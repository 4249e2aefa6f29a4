"""COCO in VOC classes, on tiny archives in COCO's exact form."""

import io
import json
import shutil
import zipfile
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.dataset_chain import jpeg, offered, tiny, train_and_predict, write_archives
from workflow.data.check.verify import verify
from workflow.data.prepare import coco_voc

PROJECT = Path(__file__).resolve().parents[1]
LABELS = loader.label_set("voc2012")
WIDTH, HEIGHT = 60, 50
# COCO's names and ids of the categories drawn here, and VOC's train ids.
PERSON, DOG, TV, STOP_SIGN = 1, 18, 72, 13
TRAIN_IDS = {PERSON: 15, DOG: 12, TV: 20}
COUNTS = {"train": 3, "val": 1}


def polygon(x, y, right, bottom):
    return [x, y, right, y, right, bottom, x, bottom]


def mask(*boxes):
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y, right, bottom in boxes:
        pixels[y:bottom, x:right] = 1
    return pixels


def polygons(*boxes):
    return [polygon(*box) for box in boxes]


def crowd(*boxes):
    """Run lengths down the columns, beginning with zeros: what COCO writes for `iscrowd`."""
    runs = [(value, len(list(group))) for value, group in groupby(mask(*boxes).ravel(order="F").tolist())]
    return {"size": [HEIGHT, WIDTH], "counts": ([0] if runs[0][0] else []) + [length for _, length in runs]}


def compressed(*boxes):
    runs = coco_mask.encode(np.asfortranarray(mask(*boxes)))
    return {"size": runs["size"], "counts": runs["counts"].decode()}


# By split and image id: category, form of the outline, boxes; in the order of the file.
SCENES = {
    "train": {
        9: [(PERSON, polygons, [(5, 5, 40, 45), (50, 0, 60, 50)]), (DOG, polygons, [(30, 30, 55, 50)])],
        25: [(DOG, crowd, [(0, 0, 60, 10), (0, 20, 60, 30)]), (STOP_SIGN, polygons, [(0, 0, 60, 50)])],
        30: [(TV, compressed, [(10, 0, 60, 40)]), (PERSON, polygons, [(0, 0, 60, 50)])],
        34: [(TV, polygons, [(0, 0, 40, 25)])],  # 1000 pixels: one too few
        36: [(STOP_SIGN, polygons, [(0, 0, 60, 50)])],
        42: [],
    },
    "val": {139: [(TV, polygons, [(0, 0, 41, 25)])], 285: [(DOG, crowd, [(0, 0, 9, 9)])]},
}


def labels(split, image):
    """Painted from the last to the first, so that the first is seen."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for category, _, boxes in reversed(SCENES[split][image]):
        if category in TRAIN_IDS:
            pixels[mask(*boxes) == 1] = TRAIN_IDS[category]
    return pixels


def instances(split):
    annotations = [
        {"id": 10 * image + n, "image_id": image, "category_id": category, "iscrowd": int(form is crowd),
         "segmentation": form(*boxes), "area": int(mask(*boxes).sum()), "bbox": [0, 0, WIDTH, HEIGHT]}
        for image, scene in SCENES[split].items()
        for n, (category, form, boxes) in enumerate(scene)
    ]  # fmt: skip
    return {
        "info": {"year": 2017},
        "licenses": [],
        "images": [
            {"id": i, "file_name": f"{i:012}.jpg", "width": WIDTH, "height": HEIGHT, "license": 1}
            for i in SCENES[split]
        ],
        "annotations": annotations,
        "categories": [{"id": PERSON, "name": "person", "supercategory": "person"}],
    }


def packed(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.fixture(scope="module")
def archives():
    grey = cv2.imencode(".jpg", np.full((HEIGHT, WIDTH), 99, np.uint8))[1].tobytes()
    found = {
        f"{split}2017.zip": packed({f"{split}2017/": b""} | {
            f"{split}2017/{i:012}.jpg": grey if i == 25 else jpeg(WIDTH, HEIGHT, i) for i in SCENES[split]
        })
        for split in SCENES
    }  # fmt: skip
    return found | {
        "annotations_trainval2017.zip": packed(
            {f"annotations/instances_{split}2017.json": json.dumps(instances(split)) for split in SCENES}
            | {"annotations/captions_train2017.json": "{}"}
        )
    }


@pytest.fixture(scope="module")
def prepared(archives, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    manifest = tiny("coco_voc", archives, COUNTS)
    coco_voc.prepare(manifest, write_archives(folder / "downloads", archives), folder / "coco_voc", threads=2)
    return folder / "coco_voc"


def test_the_categories_are_vocs_under_cocos_names():
    """By COCO's own list of 80, without the gaps in its ids: what is left out in between is no class of VOC."""
    coco = loader.dataset("coco_voc").category_ids
    assert list(coco) == [c.name for c in LABELS.classes[1:]]
    assert sorted(coco.values()) == [1, 2, 3, 4, 5, 6, 7, 9, 16, 17, 18, 19, 20, 21, 44, 62, 63, 64, 67, 72]
    assert {name: coco[name] for name in ("person", "dog", "tvmonitor")} == {
        "person": PERSON, "dog": DOG, "tvmonitor": TV,
    }  # fmt: skip


def test_images_with_more_than_1000_labelled_pixels_are_kept(prepared):
    lists = {split: (prepared / f"{split}.txt").read_text().split() for split in SCENES}
    assert lists == {"train": [f"{i:012}" for i in (9, 25, 30)], "val": ["000000000139"]}
    assert sorted(p.stem for p in (prepared / "labels").glob("*/*.png")) == sorted(lists["train"] + lists["val"])


@pytest.mark.parametrize(("split", "image"), [("train", 9), ("train", 25), ("train", 30), ("val", 139)])
def test_instances_are_drawn_the_first_on_top(prepared, split, image):
    drawn = cv2.imread(str(prepared / f"labels/{split}2017/{image:012}.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(drawn, labels(split, image))


def test_images_are_there_once_and_annotations_are_gone(prepared):
    assert sorted(p.name for p in prepared.iterdir()) == ["images", "labels", "train.txt", "val.txt"]
    assert len(list(prepared.rglob("*.jpg"))) == 8


def test_a_run_that_broke_off_is_gone_on_with(archives, tmp_path, monkeypatch):
    manifest = tiny("coco_voc", archives, COUNTS)
    downloads, out = write_archives(tmp_path / "downloads", archives), tmp_path / "coco_voc"
    monkeypatch.setattr(coco_voc, "atomic_write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        coco_voc.prepare(manifest, downloads, out, threads=1)
    monkeypatch.undo()
    partial = tmp_path / "coco_voc.partial"
    kept = [partial / f"images/train2017/{9:012}.jpg", partial / f"labels/train2017/{9:012}.png"]
    inodes = [path.stat().st_ino for path in kept]
    (partial / f"labels/train2017/{25:012}.png").unlink()
    coco_voc.prepare(manifest, downloads, out, threads=1)
    assert [(out / path.relative_to(partial)).stat().st_ino for path in kept] == inodes
    assert verify(manifest, LABELS, out, None, threads=1)["splits"]["train"] == {"images": 3, "labels": 3}


@pytest.mark.parametrize("gone", ["instances_train2017.json", "instances_val2017.json"])
def test_a_run_killed_while_it_cleaned_up_is_gone_on_with(archives, tmp_path, monkeypatch, gone):
    manifest = tiny("coco_voc", archives, COUNTS)
    downloads, out = write_archives(tmp_path / "downloads", archives), tmp_path / "coco_voc"
    remove = shutil.rmtree

    def killed(path, **options):
        if path.name.startswith("annotations") and path.is_dir():
            remove(path / gone) if (path / gone).is_dir() else (path / gone).unlink()
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        coco_voc.prepare(manifest, downloads, out, threads=1)
    monkeypatch.undo()
    coco_voc.prepare(manifest, downloads, out, threads=1)
    assert verify(manifest, LABELS, out, None, threads=1)["splits"]["train"] == {"images": 3, "labels": 3}
    assert not list(out.glob("annotations*"))


def test_annotations_that_are_not_cocos_are_refused(archives, tmp_path):
    files = archives | {
        "annotations_trainval2017.zip": packed({"annotations/instances_train2017.json": '{"images": [], "info": 1}'})
    }
    manifest = tiny("coco_voc", files, COUNTS)
    with pytest.raises(
        SegReproError, match=r"instances_train2017\.json: found KeyError 'annotations'; expected COCO's"
    ):
        coco_voc.prepare(manifest, write_archives(tmp_path / "downloads", files), tmp_path / "coco_voc", threads=1)
    assert not (tmp_path / "coco_voc").exists()


@pytest.mark.slow
def test_from_the_server_to_a_training_step_and_an_evaluation(archives, tmp_path, monkeypatch):
    checkout = Checkout(tmp_path / "checkout")
    manifest = tiny("coco_voc", archives, {"train": None, "val": None})
    with offered(checkout, manifest, archives):
        done = checkout.snakemake("data/verified/coco_voc.json")
    assert done.returncode == 0, done.stdout
    verified = json.loads((checkout.folder / "data/verified/coco_voc.json").read_text())
    assert verified["splits"] == {split: {"images": n, "labels": n} for split, n in COUNTS.items()}
    assert len(list((checkout.folder / "data/downloads/coco_voc").glob("*.zip"))) == 3, "archives are kept"

    monkeypatch.chdir(checkout.folder)
    split, prediction = train_and_predict(manifest, PROJECT, tmp_path)
    assert (split, prediction.names) == ("val", ("000000000139",))
    truth = np.bincount(labels("val", 139).ravel(), minlength=22)
    np.testing.assert_array_equal(prediction.counts.confusion[0].sum(axis=1), truth)

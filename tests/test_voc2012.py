"""PASCAL VOC 2012 with SBD, on tiny archives in their owners' exact form."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import mmseg.datasets
import numpy as np
import pytest
from mmseg.datasets.transforms import LoadAnnotations
from PIL import Image
from scipy.io import savemat
from scipy.sparse import csc_matrix

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.dataset_chain import broken, jpeg, offered, tiny, train_and_predict, write_archives
from workflow.data.check.verify import verify
from workflow.data.placed_by_hand import STAMP
from workflow.data.prepare import sbd, voc2012

PROJECT = Path(__file__).resolve().parents[1]
LABELS = loader.label_set("voc2012")
VOC_LISTS = {"train": ["2007_000032", "2008_000002"], "val": ["2007_000033", "2008_000007"]}
VOC_LISTS["trainval"] = sorted(VOC_LISTS["train"] + VOC_LISTS["val"])
SBD_LISTS = {"train": ["2008_000008", "2008_000002", "2008_000007"], "val": ["2009_000006"]}
TEST = ["2008_000001"]
SIZES = {"2007_000032": (50, 40), "2007_000033": (40, 50), "2008_000002": (50, 38), "2008_000007": (45, 33)}
COUNTS = {"train": 2, "val": 2, "trainval": 4, "train_aug": 4, "sbd": 4, "sbd_train": 3, "val_not_in_sbd": 1, "test": 1}


def colormap():
    """VOC's, as VOClabelcolormap.m computes it: the bits of the index, spread over red, green and blue."""
    colors = np.zeros((256, 3), np.uint8)
    for index in range(256):
        for bit in range(8):
            for channel in range(3):
                colors[index, channel] |= (index >> (3 * bit + channel) & 1) << (7 - bit)
    return colors


def size(name):
    return SIZES.get(name, (44, 36))


def classes(name, annotator):
    """A label map; its annotators do not agree, and only VOC has void."""
    width, height = size(name)
    values = np.array([0, 1, 8, 15, 20, 255] if annotator == "voc" else [0, 2, 8, 15, 19], np.uint8)
    rng = np.random.default_rng([int(name[-6:]), annotator == "voc"])
    return np.repeat(rng.choice(values, (height, 1)), width, axis=1)


def palette_png(pixels, palette=None):
    picture = Image.fromarray(pixels, "P")
    picture.putpalette((colormap() if palette is None else palette).tobytes())
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def mat(pixels):
    """`GTcls` with the fields that SBD's files have."""
    boundaries = np.empty((20, 1), object)
    for index in range(20):
        boundaries[index, 0] = csc_matrix(pixels == index + 1)
    present = np.unique(pixels[pixels > 0])[:, None]
    content = io.BytesIO()
    truth = {"Boundaries": boundaries, "Segmentation": pixels, "CategoriesPresent": present}
    savemat(content, {"GTcls": truth}, do_compression=True)
    return content.getvalue()


def tar(files, mode):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


def listing(names):
    return "".join(f"{name}\n" for name in names).encode()


def tiny_archives():
    """The three archives in their owners' form, with a few images."""
    voc, test, boundaries = {}, {}, {}
    top = "VOCdevkit/VOC2012"
    for name in sorted({*VOC_LISTS["trainval"], *SBD_LISTS["train"], *SBD_LISTS["val"], "2012_004331"}):
        voc[f"{top}/JPEGImages/{name}.jpg"] = jpeg(*size(name), int(name[-6:]))
        voc[f"{top}/Annotations/{name}.xml"] = b"<annotation/>"
    for name in VOC_LISTS["trainval"]:
        voc[f"{top}/SegmentationClass/{name}.png"] = palette_png(classes(name, "voc"))
        voc[f"{top}/SegmentationObject/{name}.png"] = palette_png(classes(name, "voc") % 2)
    for split, names in VOC_LISTS.items():
        voc[f"{top}/ImageSets/Segmentation/{split}.txt"] = listing(names)
        voc[f"{top}/ImageSets/Main/{split}.txt"] = listing(names)
    for name in TEST:
        test[f"{top}/JPEGImages/{name}.jpg"] = jpeg(*size(name), 1)
    test[f"{top}/ImageSets/Segmentation/test.txt"] = listing(TEST)
    for split, names in SBD_LISTS.items():
        boundaries[f"benchmark_RELEASE/dataset/{split}.txt"] = listing(names)
        for name in names:
            boundaries[f"benchmark_RELEASE/dataset/cls/{name}.mat"] = mat(classes(name, "sbd"))
            boundaries[f"benchmark_RELEASE/dataset/inst/{name}.mat"] = b"instances"
            boundaries[f"benchmark_RELEASE/dataset/img/{name}.jpg"] = jpeg(*size(name), int(name[-6:]))
    boundaries["benchmark_RELEASE/benchmark_code_RELEASE/README"] = b"text"
    return {
        "VOCtrainval_11-May-2012.tar": tar(voc, "w"),
        "benchmark.tgz": tar(boundaries, "w:gz"),
        "VOC2012test.tar": tar(test, "w"),
    }


@pytest.fixture(scope="module")
def archives():
    return tiny_archives()


@pytest.fixture(scope="module")
def manifest(archives):
    return tiny("voc2012", archives, COUNTS)


@pytest.fixture(scope="module")
def prepared(archives, manifest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    downloads = write_archives(folder / "downloads", archives)
    voc2012.prepare(manifest, downloads, folder / "voc2012", threads=1)
    return folder / "voc2012"


@pytest.fixture
def data(prepared, tmp_path):
    """The prepared dataset, to be changed."""
    return Path(shutil.copytree(prepared, tmp_path / "voc2012", symlinks=True))


def read(path):
    """A label map as MMSegmentation reads it."""
    loaded = LoadAnnotations()({"seg_map_path": str(path), "label_map": None, "reduce_zero_label": False,
                                "seg_fields": []})  # fmt: skip
    return loaded["gt_seg_map"]


def problems(manifest, data):
    (data / STAMP).touch()
    with pytest.raises(SegReproError) as error:
        verify(manifest, LABELS, data, None, threads=1)
    return [line.strip() for line in str(error.value).splitlines()[1:-1]]


# ---- facts


def test_classes_and_colors_are_the_owners_and_mmsegmentations():
    meta = mmseg.datasets.PascalVOCDataset.METAINFO
    assert tuple(c.name for c in LABELS.classes) == meta["classes"]
    assert [list(c.color) for c in LABELS.classes] == meta["palette"] == colormap()[:21].tolist()
    assert (LABELS.void.label, list(LABELS.void.color)) == (255, colormap()[255].tolist())


def test_the_lists_are_the_literatures_in_number():
    """Sizes as published; SBD's overlaps with VOC's lists follow from them."""
    train, val = range(1464), range(1464, 1464 + 1449)
    boundaries = [*range(330, 1464), *range(1464 + 346, 1464 + 1449 + 9118)]
    own = boundaries[:8498], boundaries[8498:]
    lists = sbd.split_lists(*(list(map(str, names)) for names in (train, val, *own)))
    expected = {name: split.images for name, split in loader.dataset("voc2012").splits.items() if name in lists}
    assert {name: len(names) for name, names in lists.items()} == expected
    assert expected == {"train_aug": 10582, "sbd": 11355, "sbd_train": 8498, "val_not_in_sbd": 346}


# ---- preparation


def test_lists_and_label_maps_are_those_of_their_annotators(data):
    lists = {path.stem: path.read_text().split() for path in (data / "ImageSets/Segmentation").iterdir()}
    assert lists == VOC_LISTS | {
        "train_aug": ["2007_000032", "2008_000002", "2008_000008", "2009_000006"],
        "sbd": ["2008_000002", "2008_000007", "2008_000008", "2009_000006"],
        "sbd_train": ["2008_000002", "2008_000007", "2008_000008"],
        "val_not_in_sbd": ["2007_000033"],
    }
    assert not set(lists["train_aug"]) & set(lists["val"])
    for name in VOC_LISTS["trainval"]:
        np.testing.assert_array_equal(read(data / f"SegmentationClass/{name}.png"), classes(name, "voc"))
    for name in lists["sbd"]:
        np.testing.assert_array_equal(read(data / f"SegmentationClassSBD/{name}.png"), classes(name, "sbd"))
    for name in lists["train_aug"]:
        annotator = "voc" if name in VOC_LISTS["train"] else "sbd"
        np.testing.assert_array_equal(read(data / f"SegmentationClassAug/{name}.png"), classes(name, annotator))


def test_nothing_is_there_twice(data):
    assert sorted(p.name for p in data.iterdir()) == [
        "ImageSets", "JPEGImages", "SegmentationClass", "SegmentationClassAug", "SegmentationClassSBD", "test",
    ]  # fmt: skip
    assert all(path.is_symlink() for path in (data / "SegmentationClassAug").iterdir())
    assert len(list(data.rglob("*.jpg"))) == 7 + len(TEST)


def test_the_dataset_is_whole_without_the_archive_behind_the_login(archives, manifest, tmp_path, capsys):
    downloads = write_archives(tmp_path / "downloads", archives)
    (downloads / "VOC2012test.tar").unlink()
    voc2012.prepare(manifest, downloads, tmp_path / "voc2012", threads=1)
    verified = verify(manifest, LABELS, tmp_path / "voc2012", None, threads=1)
    assert verified["splits"] == {name: {"images": n, "labels": n} for name, n in COUNTS.items() if name != "test"}
    assert "the split test was left out" in capsys.readouterr().err


def test_a_run_that_broke_off_is_gone_on_with(archives, manifest, tmp_path, monkeypatch):
    downloads, out = write_archives(tmp_path / "downloads", archives), tmp_path / "voc2012"
    monkeypatch.setattr(sbd, "split_lists", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        voc2012.prepare(manifest, downloads, out, threads=1)
    monkeypatch.undo()
    partial = tmp_path / "voc2012.partial"
    assert sorted(p.name for p in (partial / "sbd").iterdir()) == ["cls", "train.txt", "val.txt"]
    kept = [partial / "JPEGImages/2007_000032.jpg", partial / "SegmentationClassSBD/2009_000006.png"]
    inodes = [path.stat().st_ino for path in kept]
    (partial / "SegmentationClassSBD/2008_000002.png").unlink()
    voc2012.prepare(manifest, downloads, out, threads=1)
    assert [(out / path.relative_to(partial)).stat().st_ino for path in kept] == inodes
    assert verify(manifest, LABELS, out, None, threads=1)["splits"]["sbd"] == {"images": 4, "labels": 4}


@pytest.mark.parametrize("gone", ["train.txt", "cls"])
def test_a_run_killed_while_it_cleaned_up_is_gone_on_with(archives, manifest, tmp_path, monkeypatch, gone):
    downloads, out = write_archives(tmp_path / "downloads", archives), tmp_path / "voc2012"
    remove = shutil.rmtree

    def killed(path, **options):
        if path.name.startswith("sbd") and path.is_dir():
            remove(path / gone) if (path / gone).is_dir() else (path / gone).unlink()
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        voc2012.prepare(manifest, downloads, out, threads=1)
    monkeypatch.undo()
    voc2012.prepare(manifest, downloads, out, threads=1)
    assert verify(manifest, LABELS, out, None, threads=1)["splits"]["train"] == {"images": 2, "labels": 2}
    assert not list(out.glob("sbd*"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "MatReadError"),
        (mat(np.zeros((4, 4), np.uint8))[:200], "found no label map"),
        (mat(np.zeros((4, 4), np.uint16)), "type uint16"),
    ],
)
def test_a_label_map_of_sbd_that_cannot_be_read_is_named(tmp_path, content, reason):
    mats = tmp_path / "sbd/cls"
    mats.mkdir(parents=True)
    (mats / "2008_000002.mat").write_bytes(content)
    with pytest.raises(SegReproError, match=r"2008_000002\.mat: found no label map .*") as error:
        sbd.write_label_maps(mats, tmp_path / "out", 1)
    assert reason in str(error.value)
    assert list((tmp_path / "out").iterdir()) == []


# ---- verification


def test_the_prepared_dataset_verifies(manifest, data):
    verified = verify(manifest, LABELS, data, None, threads=1)
    labelled = {name: {"images": n, "labels": n} for name, n in COUNTS.items()}
    assert verified["splits"] == labelled | {"test": {"images": 1, "labels": 0}}


@pytest.mark.parametrize(
    ("file", "how", "problem"),
    [
        ("JPEGImages/2009_000006.jpg", lambda c: c[:-9], "found no readable picture"),
        ("JPEGImages/2009_000006.jpg", lambda c: b"", "found no readable picture"),
        ("JPEGImages/2009_000006.jpg", lambda c: jpeg(44, 37, 0),
         "SegmentationClassSBD/2009_000006.png: found height, width (36, 44); expected (37, 44), those of"),
        ("SegmentationClass/2007_000033.png", lambda c: c[:-40], "found no readable picture"),
        ("SegmentationClass/2007_000033.png", lambda c: palette_png(np.full((50, 40), 21, np.uint8)),
         "found label values [21]; expected 0 to 20, and 255 for void"),
        ("SegmentationClass/2007_000033.png",
         lambda c: palette_png(classes("2007_000033", "voc"), np.roll(colormap(), 1, axis=0)),
         "in its palette for the label 0; expected (0, 0, 0)"),
        ("SegmentationClass/2007_000033.png", lambda c: jpeg(40, 50, 0), "(50, 40, 3) of uint8; expected (50, 40)"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named(manifest, data, file, how, problem):
    broken(data / file, how)
    found = problems(manifest, data)
    assert all(file in line for line in found)
    assert problem in found[-1]


def test_missing_and_extra_files_are_named(manifest, data):
    (data / "JPEGImages/2008_000007.jpg").unlink()
    (data / "SegmentationClass/2007_000032.png").rename(data / "SegmentationClass/2007_000999.png")
    (data / "ImageSets/Segmentation/val_not_in_sbd.txt").unlink()
    with (data / "ImageSets/Segmentation/train.txt").open("a") as names:
        names.write("2007_000032\n")
    listed = "ImageSets/Segmentation"
    assert problems(manifest, data) == [
        f"{listed}/train.txt: found 2007_000032 2 times; expected once",
        f"SegmentationClass/2007_000032.png: no such label map; {listed}/train.txt names it",
        f"JPEGImages/2008_000007.jpg: no such image; {listed}/val.txt names it",
        f"JPEGImages/2008_000007.jpg: no such image; {listed}/trainval.txt names it",
        f"SegmentationClass/2007_000032.png: no such label map; {listed}/trainval.txt names it",
        f"SegmentationClassAug/2007_000032.png: no such label map; {listed}/train_aug.txt names it",
        f"JPEGImages/2008_000007.jpg: no such image; {listed}/sbd.txt names it",
        f"JPEGImages/2008_000007.jpg: no such image; {listed}/sbd_train.txt names it",
        f"val_not_in_sbd: found 0 images at {listed}/val_not_in_sbd.txt; expected 1",
        f"{listed}/val_not_in_sbd.txt: no such file; expected the list of the split val_not_in_sbd",
        "SegmentationClass/2007_000999.png: found a label map; expected only those that a list names",
    ]


# ---- the whole chain


@pytest.mark.slow
def test_from_the_server_to_a_training_step_and_an_evaluation(archives, manifest, tmp_path, monkeypatch):
    checkout = Checkout(tmp_path / "checkout")
    downloads = write_archives(checkout.folder / "data/downloads/voc2012", {
        "VOC2012test.tar": archives["VOC2012test.tar"],
    })  # fmt: skip
    with offered(checkout, manifest, archives):
        done = checkout.snakemake("data/verified/voc2012.json", "--config", "keep_archives=false")
    assert done.returncode == 0, done.stdout
    assert "PASCAL VOC 2012: 2 archives to bring in" in done.stdout
    verified = json.loads((checkout.folder / "data/verified/voc2012.json").read_text())
    assert {name: split["images"] for name, split in verified["splits"].items()} == COUNTS
    assert [path.name for path in downloads.iterdir() if path.suffix != ".lock"] == [], "the archives were dropped"
    again = checkout.snakemake("data/verified/voc2012.json")
    assert "Nothing to be done" in again.stdout, again.stdout

    monkeypatch.chdir(checkout.folder)
    split, prediction = train_and_predict(manifest, PROJECT, tmp_path)
    assert (split, prediction.names) == ("val", tuple(VOC_LISTS["val"]))
    for name, counts in zip(prediction.names, prediction.counts.confusion, strict=True):
        truth = np.bincount(classes(name, "voc").ravel(), minlength=256)
        np.testing.assert_array_equal(counts.sum(axis=1), [*truth[:21], truth[255]])

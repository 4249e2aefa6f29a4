"""Data that people have already: unpacked Cityscapes and VOC, as MMSegmentation reads them, behind read-only links.

Real Snakemake runs over tiny datasets in their owners' form; nothing of a person's is ever moved, changed or removed.
"""

import io
import subprocess
import tarfile
import zipfile
from contextlib import contextmanager
from itertools import takewhile

import cv2
import numpy as np
import pytest
import yaml
from mmengine.config import Config

from data_manifests import loader
from data_manifests.schemas.dataset import Dataset
from segrepro.atomic import atomic_folder
from segrepro.errors import SegReproError
from tests.checkout import BIN, PROJECT, Checkout
from tests.dataset_chain import jpeg, offered, put, tiny
from tests.test_cityscapes import FRAMES, HIDDEN, downloads, manifest, owners_label_map, png, sources_in  # noqa: F401
from tests.test_voc2012 import COUNTS, SBD_LISTS, VOC_LISTS, classes, tiny_archives
from workflow.data.check.verify import verify
from workflow.data.placed_by_hand import STAMP, is_placed_by_hand
from workflow.data.prepare import cityscapes, manual
from workflow.scripts import train

CLUTTER = (".DS_Store", "Thumbs.db", "._{name}", "desktop.ini")

pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def fine(manifest):  # noqa: F811
    splits = {s: manifest.splits[s].model_copy(update={"images": len(f)}) for s, f in (FRAMES | HIDDEN).items()}
    return manifest.model_copy(update={"splits": splits, "image_size": (64, 32)})


@pytest.fixture
def share(downloads, tmp_path):  # noqa: F811
    """Unpacked Cityscapes with what desktops leave in every folder; the owner's label maps only."""
    folder = tmp_path / "share/cityscapes"
    for archive in downloads.iterdir():
        zipfile.ZipFile(archive).extractall(folder)  # noqa: S202  our own
    for image in list(folder.glob("*/*/*/*.png")):
        for clutter in CLUTTER:
            (image.parent / clutter.format(name=image.name)).write_bytes(b"clutter")
    return folder


@pytest.fixture
def converted(share):
    """The same with train ids as MMSegmentation's converter makes them: by the owner's program."""
    for seed, frame in enumerate(frame for frames in FRAMES.values() for frame in frames):
        (ids,) = share.glob(f"gtFine/*/*/{frame}_gtFine_labelIds.png")
        train_ids = ids.with_name(ids.name.replace("labelIds", "labelTrainIds"))
        train_ids.write_bytes(png(owners_label_map(seed, "trainIds")))
    return share


@contextmanager
def read_only(folder):
    """Where a folder can be read through a read-only mount, which root may not write to either."""
    place = folder.with_name(folder.name + "_read_only")
    place.mkdir()
    if subprocess.run(["mount", "--bind", folder, place], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a folder read-only")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def state(folder):
    """Every file below a folder with its inode and time of change."""
    return {path: (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def link(checkout, name, target):
    (checkout.folder / "data").mkdir(exist_ok=True)
    place = checkout.folder / "data" / name
    place.symlink_to(target)
    return place


def verified(checkout, name, *arguments):
    done = checkout.snakemake(f"data/verified/{name}.json", *arguments)
    assert done.returncode == 0, done.stdout
    splits = yaml.safe_load((checkout.folder / f"data/verified/{name}.json").read_text())["splits"]
    return done, {split: (of["images"], of["labels"]) for split, of in splits.items()}


def follow(checkout, text):
    """Runs the commands that a message lists, the last of which is Snakemake's own."""
    _, _, listed = text.rpartition("without writing beside it:\n")
    steps = [line.strip() for line in takewhile(lambda line: line.startswith("  "), listed.splitlines())]
    assert steps[-1].startswith("snakemake --cores all data/verified/")
    script = "\n".join(["set -e", f"PATH={BIN}:$PATH", *steps])
    subprocess.run(["bash", "-c", script], cwd=checkout.folder, env=checkout.environment(), check=True)


# ---- Cityscapes, unpacked as MMSegmentation's documentation lays it out


def test_linked_cityscapes_is_read_where_it_is_and_never_prepared(checkout, fine, converted):
    put(checkout, fine)
    with read_only(converted) as place:
        linked, before = link(checkout, "cityscapes", place), state(converted)
        done, splits = verified(checkout, "cityscapes")
        assert splits == {"train": (2, 2), "val": (1, 1), "test": (1, 0)}
        assert "to bring in" not in done.stdout, "no archive is asked for"
        # Not even where all is asked to be made anew, or an archive turns up that is newer than the data.
        (checkout.folder / "data/downloads/cityscapes").mkdir(parents=True)
        (checkout.folder / "data/downloads/cityscapes/gtFine_trainvaltest.zip").write_bytes(b"new")
        forced, _ = verified(checkout, "cityscapes", "--forceall")
        assert "rule prepare" not in forced.stdout
        assert linked.readlink() == place
    assert state(converted) == before
    assert sorted(p.name for p in (checkout.folder / "data").iterdir()) == ["cityscapes", "downloads", "verified"]


def test_train_ids_that_are_missing_are_made_by_the_commands_that_are_said(checkout, fine, share):
    put(checkout, fine)
    with read_only(share) as place:
        linked, before = link(checkout, "cityscapes", place), state(share)
        done = checkout.snakemake("data/verified/cityscapes.json")
        assert done.returncode != 0
        assert "found 0 label maps at gtFine/train/*/*_gtFine_labelTrainIds.png" in done.stdout
        assert linked.readlink() == place
        follow(checkout, done.stdout)
        _, splits = verified(checkout, "cityscapes")
        assert splits == {"train": (2, 2), "val": (1, 1), "test": (1, 0)}
        made = sorted((checkout.folder / "data/cityscapes/gtFine").glob("*/*/*_labelTrainIds.png"))
        for seed, path in enumerate(made):
            found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(found, owners_label_map(seed, "trainIds"))
    assert len(made) == 3
    assert state(share) == before


def test_a_folder_filled_by_hand_is_verified_and_never_replaced(checkout, fine, converted, downloads):  # noqa: F811
    put(checkout, fine)
    for split in ("leftImg8bit/test", "gtFine/test"):  # MMSegmentation's documentation does without
        subprocess.run(["rm", "-r", converted / split], check=True)
    (checkout.folder / "data/downloads").mkdir(parents=True)
    downloads.rename(checkout.folder / "data/downloads/cityscapes")
    filled = converted.rename(checkout.folder / "data/cityscapes")
    before = state(filled)
    done, splits = verified(checkout, "cityscapes")
    assert splits == {"train": (2, 2), "val": (1, 1)}
    assert "the split test was left out, as nothing of it is there" in done.stdout
    by_hand = subprocess.run(
        [BIN / "python", "workflow/scripts/prepare.py", "--dataset", "cityscapes", "--downloads",
         "data/downloads/cityscapes", "--out", "data/cityscapes"],
        cwd=checkout.folder, env=checkout.environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert by_hand.returncode == 1
    assert (
        "data/cityscapes: found files that were not prepared by the suite, which are never replaced" in by_hand.stderr
    )
    assert state(filled) == before


def test_the_message_that_asks_for_archives_says_that_a_link_will_do(checkout):
    done = checkout.snakemake("data/verified/cityscapes.json")
    assert done.returncode != 0
    assert "put a link to its folder at data/cityscapes, which may be read-only" in done.stdout
    assert "leftImg8bit/train/*/*_leftImg8bit.png, gtFine/train/*/*_gtFine_labelTrainIds.png" in done.stdout


# ---- VOC 2012, unpacked


def test_linked_voc_has_its_own_splits_and_sbds_by_the_commands_that_are_said(checkout, tmp_path):
    archives = tiny_archives()
    with tarfile.open(fileobj=io.BytesIO(archives["VOCtrainval_11-May-2012.tar"])) as archive:
        archive.extractall(tmp_path / "share", filter="data")
    devkit = tmp_path / "share/VOCdevkit/VOC2012"
    # What MMSegmentation's converter adds; its lists have other names and its folder other label maps than the suite's.
    (devkit / "SegmentationClassAug").mkdir()
    for name in SBD_LISTS["train"]:
        (devkit / f"SegmentationClassAug/{name}.png").write_bytes(png(classes(name, "sbd")))
    (devkit / "ImageSets/Segmentation/trainaug.txt").write_text("".join(f"{name}\n" for name in SBD_LISTS["train"]))
    with read_only(devkit) as place, offered(checkout, tiny("voc2012", archives, COUNTS), archives) as server:
        linked, before = link(checkout, "voc2012", place), state(devkit)
        done, splits = verified(checkout, "voc2012")
        assert splits == {name: (len(names), len(names)) for name, names in VOC_LISTS.items()}
        for name in COUNTS.keys() - VOC_LISTS.keys():
            assert f"the split {name} was left out, as nothing of it is there" in done.stdout
        assert linked.readlink() == place
        assert server.ranges == [], "nothing was fetched"
        follow(checkout, done.stdout)
        _, splits = verified(checkout, "voc2012")
        assert splits == {name: (n, n) for name, n in COUNTS.items() if name != "test"}
        assert len(server.ranges) == 1, "SBD alone was fetched"
    assert state(devkit) == before


def test_a_training_on_a_split_that_was_left_out_says_so(tmp_path, monkeypatch):
    settings = Config.fromfile(PROJECT / "mmseg_plugins/configs/voc2012/fcn2s_dilated_vgg16.py")
    images = settings.train_dataloader.dataset.dataset
    (tmp_path / images.data_root / images.data_prefix.img_path).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    missing = f"{images.data_root}/{images.ann_file}"
    with pytest.raises(SegReproError, match=f"found no .* and no {missing}; expected the split that it trains on"):
        train._check_data(settings, "voc2012", tmp_path / "verified.json")


# ---- a link to an empty folder on a larger disk


@pytest.mark.parametrize("target", ["empty", "a fresh disk"])
def test_a_link_to_an_empty_folder_keeps_its_target_and_the_data_lands_there(checkout, tmp_path, target):
    checkout.edit("data_manifests/datasets/synthcity.yaml", splits={"train": {"images": 2}, "val": {"images": 1}})
    larger = tmp_path / "larger/synthcity"
    larger.mkdir(parents=True)
    if target == "a fresh disk":
        (larger / "lost+found").mkdir()
    linked = link(checkout, "synthcity", larger)
    _, splits = verified(checkout, "synthcity")
    assert splits == {"train": (2, 2), "val": (1, 1)}
    assert linked.readlink() == larger
    assert {"gtFine", "leftImg8bit", STAMP} <= {p.name for p in larger.iterdir()}
    assert [p.name for p in larger.parent.iterdir()] == ["synthcity"], "nothing lies beside it"
    again = checkout.snakemake("data/verified/synthcity.json")
    assert "Nothing to be done" in again.stdout, again.stdout
    # Other facts: prepared anew, in the same place.
    checkout.edit("data_manifests/datasets/synthcity.yaml", splits={"train": {"images": 1}, "val": {"images": 1}})
    _, splits = verified(checkout, "synthcity")
    assert splits == {"train": (1, 1), "val": (1, 1)}
    assert linked.readlink() == larger
    assert (larger / "lost+found").exists() == (target == "a fresh disk")


def test_what_another_working_copy_prepared_is_read_through_a_read_only_link(checkout, tmp_path):
    few = {"train": {"images": 2}, "val": {"images": 1}}
    other = Checkout(tmp_path / "other")
    for copy in (checkout, other):
        copy.edit("data_manifests/datasets/synthcity.yaml", splits=few)
    verified(other, "synthcity")
    with read_only(other.folder / "data/synthcity") as place:
        linked = link(checkout, "synthcity", place)
        done, splits = verified(checkout, "synthcity")
        assert splits == {"train": (2, 2), "val": (1, 1)}
        assert "rule prepare" not in done.stdout
        # Facts of one's own would replace it: that is refused, and nothing is lost.
        checkout.edit("data_manifests/datasets/synthcity.yaml", splits=few | {"train": {"images": 1}})
        changed = checkout.snakemake("data/verified/synthcity.json")
        assert changed.returncode != 0
        assert linked.readlink() == place
    assert (other.folder / "data/synthcity" / STAMP).exists()


def test_a_link_to_a_disk_that_is_not_mounted_is_said_and_nothing_is_made(checkout, tmp_path):
    linked = link(checkout, "synthcity", tmp_path / "not/mounted")
    done = checkout.snakemake("data/verified/synthcity.json")
    assert done.returncode != 0
    assert (
        f"data/synthcity: found a link to {tmp_path}/not/mounted; expected a folder there. Mount its disk"
        in done.stdout
    )
    assert linked.is_symlink() and not linked.exists()
    assert "Traceback (most recent" not in done.stdout


def test_a_failed_preparation_leaves_the_target_as_it_was_and_a_later_one_goes_on(tmp_path):
    larger, linked = tmp_path / "larger", tmp_path / "data"
    larger.mkdir()
    linked.symlink_to(larger)
    with pytest.raises(ZeroDivisionError), atomic_folder(linked, resume=True) as folder:
        (folder / "kept").write_text("by the first")
        1 / 0  # noqa: B018
    assert not is_placed_by_hand(linked), "it is the suite's, not yet whole"
    with atomic_folder(linked, resume=True) as folder:
        assert (folder / "kept").read_text() == "by the first"
        (folder / "sub").mkdir()
    with atomic_folder(linked) as folder:
        (folder / "other").write_text("in their place")
    assert [p.name for p in larger.iterdir()] == ["other"]
    assert linked.readlink() == larger


# ---- Mapillary Vistas in both forms, and clutter


def palette_png(width, height, values):
    picture = np.resize(np.array(values, np.uint8), (height, width))
    return png(picture)


@pytest.mark.parametrize(
    ("labels", "version"), [("{split}/labels", "1.2"), ("{split}/v1.2/labels", "2.0")], ids=["old", "today's"]
)
def test_mapillarys_downloads_of_both_forms_verify(tmp_path, labels, version):
    real = loader.dataset("mapillary_vistas")
    label_set = loader.label_set(real.label_set)
    splits = {name: split.model_copy(update={"images": 2}) for name, split in real.splits.items()}
    few = real.model_copy(update={"splits": splits})
    downloads = tmp_path / "downloads"  # noqa: F811
    for name, split in splits.items():
        for number in range(2):
            image = downloads / name / "images" / f"{number}.jpg"
            image.parent.mkdir(parents=True, exist_ok=True)
            image.write_bytes(jpeg(40, 30, number))
            (image.parent / f"._{number}.jpg").write_bytes(b"clutter")
            (image.parent / ".DS_Store").write_bytes(b"clutter")
            if split.labels == "public":
                folders = [labels.format(split=name)] + ([f"{name}/v2.0/labels"] if version == "2.0" else [])
                for folder in folders:
                    (downloads / folder).mkdir(parents=True, exist_ok=True)
                    (downloads / folder / f"{number}.png").write_bytes(palette_png(40, 30, range(66)))
    (downloads / ".DS_Store").write_bytes(b"clutter")
    manual.prepare(few, downloads, tmp_path / "mapillary_vistas")
    assert sorted(p.name for p in (tmp_path / "mapillary_vistas").iterdir()) == sorted(splits)
    found = verify(few, label_set, tmp_path / "mapillary_vistas", None, threads=1)["splits"]
    assert found == {n: {"images": 2, "labels": 2 if split.labels == "public" else 0} for n, split in splits.items()}
    (tmp_path / "mapillary_vistas/training").unlink()
    with pytest.raises(SegReproError, match=r"training: found 0 images at training/images/\*\.jpg; expected 2"):
        verify(few, label_set, tmp_path / "mapillary_vistas", None, threads=1)


def test_clutter_in_an_archive_is_not_extracted(fine, downloads, tmp_path):  # noqa: F811
    path = downloads / "leftImg8bit_trainvaltest.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("leftImg8bit/val/lindau/.DS_Store", b"clutter")
        archive.writestr("leftImg8bit/val/lindau/._lindau_000000_000019_leftImg8bit.png", b"clutter")
        archive.writestr("__MACOSX/leftImg8bit/val/lindau/._lindau_000000_000019_leftImg8bit.png", b"clutter")
    changed: Dataset = fine.model_copy(update={"sources": sources_in(downloads, fine)})
    cityscapes.prepare(changed, downloads, tmp_path / "cityscapes", threads=1)
    extracted = (tmp_path / "cityscapes/leftImg8bit/val/lindau").iterdir()
    assert [file.name for file in extracted] == ["lindau_000000_000019_leftImg8bit.png"]
    verify(changed, loader.label_set("cityscapes"), tmp_path / "cityscapes", None, threads=1)

"""CamVid as its owners released it, on tiny archives in their exact form."""

import math
import shutil
import zipfile

import cv2
import numpy as np
import pytest
from filelock import FileLock

from data_manifests import loader
from data_manifests.schemas.label_set import LabelSet
from mmseg_plugins.evaluation.split import build_test_split
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.tiny_network import config, counted, train_and_score
from workflow.data import checksum_list
from workflow.data.check.verify import verify
from workflow.data.prepare import camvid_720
from workflow.scripts import prepare

LABELS = loader.label_set("camvid_720")
WIDTH, HEIGHT = 32, 24
SPLIT_OF = {
    "0001TP_006690": "test",
    "0006R0_f00930": "train",
    "0016E5_00390": "train",
    "0016E5_07959": "val",
    "Seq05VD_f00000": "test",
}
COLORS = [(color, i) for i, c in enumerate((*LABELS.classes, LABELS.void)) for color in c.owners_colors]


def png(rgb):
    return cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes()


@pytest.fixture
def truth():
    """Train ids by picture, and the same in the owner's colors: each of the 32 colors is in each picture."""
    rng = np.random.default_rng(0)
    drawn = {}
    for name in SPLIT_OF:
        which = rng.permutation(np.resize(np.arange(len(COLORS)), WIDTH * HEIGHT)).reshape(HEIGHT, WIDTH)
        train_ids = np.array([train_id for _, train_id in COLORS], np.uint8)[which]
        drawn[name] = train_ids, np.array([color for color, _ in COLORS], np.uint8)[which]
    return drawn


@pytest.fixture
def downloads(tmp_path, truth):
    folder = tmp_path / "downloads"
    folder.mkdir()
    with (
        zipfile.ZipFile(folder / "701_StillsRaw_full.zip", "w") as pictures,
        zipfile.ZipFile(folder / "LabeledApproved_full.zip", "w") as maps,
    ):
        pictures.writestr("701_StillsRaw_full/Thumbs.db", "")
        for i, (name, (_, colors)) in enumerate(truth.items()):
            pictures.writestr(
                f"701_StillsRaw_full/{name}.png", png(np.full((HEIGHT, WIDTH, 3), (1, 2, 3 + i), np.uint8))
            )
            maps.writestr(f"{name}_L.png", png(colors))
    return folder


def for_tiny(manifest, downloads):
    sources = [s.model_copy(update={"bytes": (downloads / s.file).stat().st_size}) for s in manifest.sources]
    splits = {
        name: split.model_copy(update={"images": list(SPLIT_OF.values()).count(name)})
        for name, split in manifest.splits.items()
    }
    return manifest.model_copy(update={"sources": tuple(sources), "splits": splits, "image_size": (WIDTH, HEIGHT)})


@pytest.fixture
def manifest(downloads):
    """The real manifest, for other sizes and counts."""
    return for_tiny(loader.dataset("camvid_720"), downloads)


def test_the_owners_32_colors_are_each_one_class_or_void():
    assert len(COLORS) == len({color for color, _ in COLORS}) == 32
    assert {channel for color, _ in COLORS for channel in color} == {0, 64, 128, 192}
    assert [c.name for c in LABELS.classes] == [c.name for c in loader.label_set("camvid").classes]


def test_the_splits_are_those_of_the_reduced_version():
    reduced = checksum_list.listed_for(loader.dataset("camvid"))
    for split, described in loader.dataset("camvid_720").splits.items():
        assert described.images == sum(path.startswith(f"{split}/") for path in reduced)


def test_colors_become_train_ids_and_pictures_stay_as_they_are(manifest, downloads, truth, tmp_path):
    data = tmp_path / "camvid_720"
    camvid_720.prepare(manifest, LABELS, SPLIT_OF, downloads, data, threads=2)
    for i, (name, (train_ids, _)) in enumerate(truth.items()):
        found = cv2.imread(str(data / f"labels/{name}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(found, train_ids)
        assert cv2.imread(str(data / f"images/{name}.png"))[0, 0].tolist() == [3 + i, 2, 1]
    assert (data / "splits/test.txt").read_text() == "0001TP_006690\nSeq05VD_f00000\n"
    verified = verify(manifest, LABELS, data, None, threads=1)
    assert {name: s["images"] for name, s in verified["splits"].items()} == {"train": 2, "val": 1, "test": 2}


@pytest.mark.slow
def test_a_network_trains_on_them_and_is_scored(manifest, downloads, truth, tmp_path):
    data = tmp_path / "camvid_720"
    camvid_720.prepare(manifest, LABELS, SPLIT_OF, downloads, data, threads=2)
    settings = config("camvid_720", data, LABELS)
    _, loss, prediction = train_and_score(settings, manifest, LABELS)
    assert math.isfinite(loss)
    expected = np.concatenate([truth[name][0].ravel() for name, split in SPLIT_OF.items() if split == "test"])
    np.testing.assert_array_equal(counted(prediction), np.bincount(expected, minlength=12))
    assert build_test_split(settings, manifest, LABELS)[0] == "test"


def test_a_color_that_no_class_has_is_named_with_its_file(manifest, downloads, tmp_path):
    with zipfile.ZipFile(downloads / "LabeledApproved_full.zip", "w") as maps:
        for name in SPLIT_OF:
            maps.writestr(f"{name}_L.png", png(np.full((HEIGHT, WIDTH, 3), (1, 2, 3), np.uint8)))
    with pytest.raises(SegReproError, match=r"_L\.png: found the colors \[\[1, 2, 3\]\]; expected those of the label"):
        camvid_720.prepare(for_tiny(manifest, downloads), LABELS, SPLIT_OF, downloads, tmp_path / "out", threads=1)
    assert not (tmp_path / "out").exists()


def test_a_label_map_that_is_missing_or_broken_is_named(manifest, downloads, truth, tmp_path):
    with zipfile.ZipFile(downloads / "LabeledApproved_full.zip", "w") as maps:
        for name in list(SPLIT_OF)[1:]:
            maps.writestr(f"{name}_L.png", "no picture")
    tiny = for_tiny(manifest, downloads)
    with pytest.raises(SegReproError, match=r"1 of 5 label maps are missing, colors/0001TP_006690_L\.png for one"):
        camvid_720.prepare(tiny, LABELS, SPLIT_OF, downloads, tmp_path / "out", threads=1)
    with zipfile.ZipFile(downloads / "LabeledApproved_full.zip", "a") as maps:
        maps.writestr("0001TP_006690_L.png", png(truth["0001TP_006690"][1]))
    with pytest.raises(SegReproError, match=r"colors/\S+_L\.png: found a file that is no image"):
        camvid_720.prepare(for_tiny(tiny, downloads), LABELS, SPLIT_OF, downloads, tmp_path / "other", threads=1)


# ---- as a program, with the classes as they stand in their file


@pytest.fixture
def checkout(downloads, manifest, tmp_path, monkeypatch):
    """A working copy whose CamVid is the tiny one, with its archives in place."""
    checkout = Checkout(tmp_path / "checkout")
    kept = manifest.model_dump(mode="json", include={"sources", "splits", "image_size"})
    checkout.edit("data_manifests/datasets/camvid_720.yaml", **kept)
    listed = "".join(f"{64 * '0'}  {split}/{name}.png\n" for name, split in SPLIT_OF.items())
    (checkout.folder / "data_manifests/datasets/camvid.sha256").write_text(listed)
    shutil.copytree(downloads, checkout.folder / "data/downloads/camvid_720")
    monkeypatch.setattr(loader, "ROOT", checkout.folder / "data_manifests")
    return checkout


def move_a_color(checkout, truth):
    """Makes VegetationMisc a Fence, where it was a Tree; returns the label maps that this asks for."""
    file = checkout.folder / "data_manifests/label_sets/camvid_720.yaml"
    moved, fence = "      - [192, 192, 0] # VegetationMisc\n", "      - [64, 64, 128] # Fence\n"
    file.write_text(file.read_text().replace(moved, "").replace(fence, fence + moved))
    train_id = [c.name for c in LABELS.classes].index("Fence")
    return {n: np.where((rgb == (192, 192, 0)).all(axis=2), train_id, ids) for n, (ids, rgb) in truth.items()}


def label_maps(data):
    return {name: cv2.imread(str(data / f"labels/{name}.png"), cv2.IMREAD_UNCHANGED) for name in SPLIT_OF}


@pytest.mark.slow
def test_a_moved_color_plans_the_preparation_again_and_a_comment_or_a_licence_plans_nothing(checkout, truth):
    verified = "data/verified/camvid_720.json"
    done = checkout.snakemake(verified)
    assert done.returncode == 0, done.stdout
    file = checkout.folder / "data_manifests/label_sets/camvid_720.yaml"
    file.write_text(file.read_text().replace("# Road\n", "# Roads of all kinds\n"))
    licence = {"name": "CC0", "url": "https://example.org", "terms": "Everything is allowed."}
    checkout.edit("data_manifests/datasets/camvid_720.yaml", licence=licence)
    plan = checkout.snakemake("--dry-run", verified)
    assert "Nothing to be done" in plan.stdout, plan.stdout
    move_a_color(checkout, truth)
    plan = checkout.snakemake("--dry-run", verified)
    assert "\nrule prepare:" in plan.stdout and "\nrule verify:" in plan.stdout, plan.stdout


def leave_what_a_killed_run_leaves(downloads, out):
    """Prepares all but one label map; returns the partial folder and the inode of another label map in it."""
    prepare.main("camvid_720", downloads, out, threads=1)
    partial = out.rename(out.with_name("camvid_720.partial"))
    (partial / "labels/0001TP_006690.png").unlink()
    return partial, (partial / "labels/0016E5_07959.png").stat().st_ino


def test_what_a_killed_run_left_is_kept_only_if_the_facts_are_the_same(checkout, downloads, truth, tmp_path, capsys):
    out = tmp_path / "data/camvid_720"
    _, inode = leave_what_a_killed_run_leaves(downloads, out)
    prepare.main("camvid_720", downloads, out, threads=1)
    assert (out / "labels/0016E5_07959.png").stat().st_ino == inode
    partial, _ = leave_what_a_killed_run_leaves(downloads, out)
    expected = move_a_color(checkout, truth)
    prepare.main("camvid_720", downloads, out, threads=1)
    np.testing.assert_equal(label_maps(out), expected)
    assert f"{partial}: begun with other facts" in capsys.readouterr().err
    assert not list(out.parent.glob("*.partial*"))


def test_two_processes_do_not_prepare_the_same_dataset(checkout, downloads, tmp_path):
    out = tmp_path / "camvid_720"
    busy = pytest.raises(SegReproError, match=r"camvid_720: another process is preparing it; wait for its end")
    with FileLock(f"{out}.lock"), busy:
        prepare.main("camvid_720", downloads, out, threads=1)
    assert not out.with_name("camvid_720.partial").exists()
    prepare.main("camvid_720", downloads, out, threads=1)
    assert out.is_dir()


def test_two_classes_of_one_color_are_refused():
    content = LABELS.model_dump()
    content["classes"][1]["owners_colors"] += (LABELS.classes[0].owners_colors[0],)
    with pytest.raises(ValueError, match=r"owners_colors are not of one class each: \[\(128, 128, 128\)\]"):
        LabelSet.model_validate(content)

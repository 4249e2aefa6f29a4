"""NYU Depth v2, on a small file in the owner's exact form: MATLAB 7.3, with MATLAB's order of axes."""

import hashlib
import math

import cv2
import h5py
import numpy as np
import pytest
from scipy.io import savemat

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.checkout import Checkout
from tests.dataset_chain import offered
from tests.tiny_network import config, counted, train_and_score
from workflow.data.check.verify import verify
from workflow.data.prepare import nyu_depth_v2

LABELS = loader.label_set("nyu_depth_v2")
FRAMES, OWNERS_LABELS = 6, 894
WIDTH, HEIGHT = 32, 24
SPLITS = {"train": [2, 3, 6], "test": [1, 5]}  # from 1, as MATLAB counts; frame 4 is in neither


@pytest.fixture
def frames():
    """RGB pictures (N, H, W, 3) and the owner's labels (N, H, W)."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, OWNERS_LABELS + 1, (FRAMES, HEIGHT, WIDTH)).astype(np.uint16)
    labels[:, 0, :2] = 0, OWNERS_LABELS
    return rng.integers(0, 256, (FRAMES, HEIGHT, WIDTH, 3), np.uint8), labels


@pytest.fixture
def mapping():
    """A class from 1 to 40 for each of the owner's labels."""
    return np.random.default_rng(1).permutation(np.resize(np.arange(1, 41), OWNERS_LABELS))


@pytest.fixture
def downloads(tmp_path, frames, mapping):
    folder = tmp_path / "downloads"
    folder.mkdir()
    pictures, labels = frames
    with h5py.File(folder / "nyu_depth_v2_labeled.mat", "w", userblock_size=512) as file:
        # MATLAB's (H, W, 3, N) lies in the file as (N, 3, W, H).
        file["images"] = pictures.transpose(0, 3, 2, 1)
        file["labels"] = labels.transpose(0, 2, 1)
        names = [file.create_dataset(f"#refs#/{i}", data=np.array([[ord("x")]], np.uint16)) for i in range(894)]
        file.create_dataset("names", data=np.array([[n.ref for n in names]], h5py.ref_dtype))
    with (folder / "nyu_depth_v2_labeled.mat").open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .".ljust(124) + b"\0\2IM")
    savemat(folder / "splits.mat", {f"{name}Ndxs": np.array([n], float).T for name, n in SPLITS.items()})
    names = np.array([[c.name for c in LABELS.classes]], object)
    savemat(folder / "classMapping40.mat", {"mapClass": mapping[None].astype(float), "className": names})
    return folder


def manifest_for(folder):
    """The real manifest, for the files in a folder."""
    real = loader.dataset("nyu_depth_v2")
    sources = []
    for source in real.sources:
        content = (folder / source.file).read_bytes() if (folder / source.file).exists() else b""
        known = {"bytes": max(1, len(content)), "sha256": hashlib.sha256(content).hexdigest()}
        sources.append(source.model_copy(update=known))
    splits = {n: s.model_copy(update={"images": len(SPLITS[n])}) for n, s in real.splits.items()}
    return real.model_copy(update={"sources": tuple(sources), "splits": splits, "image_size": (WIDTH, HEIGHT)})


@pytest.fixture
def manifest(downloads):
    return manifest_for(downloads)


@pytest.fixture
def prepare(downloads, tmp_path):
    out = tmp_path / "nyu_depth_v2"

    def run():
        nyu_depth_v2.prepare(manifest_for(downloads), LABELS, downloads, out, threads=2)
        return out

    return run


def test_frames_become_pictures_of_their_split_with_the_classes_of_the_mapping(prepare, manifest, frames, mapping):
    data = prepare()
    pictures, labels = frames
    train_id = np.concatenate([[255], mapping - 1])
    for split, numbers in SPLITS.items():
        assert [p.name for p in sorted((data / "images" / split).iterdir())] == [f"{n:04d}.png" for n in numbers]
        for number in numbers:
            image = cv2.imread(str(data / f"images/{split}/{number:04d}.png"))[..., ::-1]
            np.testing.assert_array_equal(image, pictures[number - 1])
            found = cv2.imread(str(data / f"labels/{split}/{number:04d}.png"), cv2.IMREAD_UNCHANGED)
            np.testing.assert_array_equal(found, train_id[labels[number - 1]])
    verified = verify(manifest, LABELS, data, None, threads=1)
    assert verified["splits"] == {n: {"images": len(s), "labels": len(s)} for n, s in SPLITS.items()}


def test_a_network_trains_on_them_and_is_scored(prepare, manifest, frames, mapping):
    data = prepare()
    _, loss, prediction = train_and_score(config("nyu_depth_v2", data, LABELS), manifest, LABELS)
    assert math.isfinite(loss)
    assert prediction.names == ("0001", "0005")
    truth = np.concatenate([[40], mapping - 1])[frames[1][[0, 4]]]
    np.testing.assert_array_equal(counted(prediction), np.bincount(truth.ravel(), minlength=41))


def test_a_run_that_broke_off_is_gone_on_with(prepare, tmp_path, monkeypatch):
    write = nyu_depth_v2._write

    def dies_at_the_last_frame(frame, **around):
        if frame[0] == 5:
            raise KeyboardInterrupt
        write(frame, **around)

    monkeypatch.setattr(nyu_depth_v2, "_write", dies_at_the_last_frame)
    with pytest.raises(KeyboardInterrupt):
        prepare()
    monkeypatch.undo()
    assert not (tmp_path / "nyu_depth_v2").exists()
    kept = tmp_path / "nyu_depth_v2.partial/images/train/0002.png"
    inode = kept.stat().st_ino
    data = prepare()
    assert (data / "images/train/0002.png").stat().st_ino == inode, "written once"
    assert len(list(data.glob("*/*/*.png"))) == 10


def cut_short(downloads, mapping):
    file = downloads / "nyu_depth_v2_labeled.mat"
    file.write_bytes(file.read_bytes()[:-4096])


def class_beyond_the_forty(downloads, mapping):
    savemat(downloads / "classMapping40.mat", {"mapClass": np.where(mapping == 40, 41, mapping)})


def labels_of_another_mapping(downloads, mapping):
    savemat(downloads / "classMapping40.mat", {"mapClass": mapping[:-1]})


def no_mapping(downloads, mapping):
    savemat(downloads / "classMapping40.mat", {"className": mapping})


def no_matlab_file(downloads, mapping):
    (downloads / "splits.mat").write_bytes(b"<html>Not found</html>")


def a_frame_less(downloads, mapping):
    savemat(downloads / "splits.mat", {"trainNdxs": [2, 3], "testNdxs": SPLITS["test"]})


def a_frame_that_is_not_there(downloads, mapping):
    savemat(downloads / "splits.mat", {"trainNdxs": [2, 3, FRAMES + 1], "testNdxs": SPLITS["test"]})


def a_frame_in_both_splits(downloads, mapping):
    savemat(downloads / "splits.mat", {"trainNdxs": [2, 3, 1], "testNdxs": SPLITS["test"]})


def row_order_of_axes(downloads, mapping):
    with h5py.File(downloads / "nyu_depth_v2_labeled.mat", "r+") as file:
        turned = file["labels"][:].transpose(0, 2, 1)
        del file["labels"]
        file["labels"] = turned


def missing(downloads, mapping):
    (downloads / "classMapping40.mat").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut_short, r"nyu_depth_v2_labeled\.mat: cannot be read"),
        (class_beyond_the_forty, r"classMapping40\.mat: mapClass: found values other than 1 to 40"),
        (labels_of_another_mapping, r"names: found 894 labels; expected 893, those of classMapping40\.mat"),
        (no_mapping, r"classMapping40\.mat: found no variable mapClass"),
        (no_matlab_file, r"splits\.mat: cannot be read"),
        (a_frame_less, r"splits\.mat: trainNdxs: found 2 frames; expected 3"),
        (a_frame_that_is_not_there, r"images: found the shape \(6, 3, 32, 24\); expected \(7, 3, 32, 24\)"),
        (a_frame_in_both_splits, r"splits\.mat: found frames \[1\] in more than one split"),
        (row_order_of_axes, r"labels: found the shape \(6, 24, 32\); expected \(6, 32, 24\)"),
        (missing, r"classMapping40\.mat: no such file; fetch it first"),
    ],
)
def test_files_of_another_form_are_refused_before_a_picture_is_written(
    prepare, downloads, mapping, tmp_path, damage, message
):
    damage(downloads, mapping)
    with pytest.raises(SegReproError, match=message):
        prepare()
    assert not list(tmp_path.glob("nyu_depth_v2*/**/*.png"))


def test_all_three_files_are_fetched_and_checked(tmp_path, downloads, manifest):
    checkout = Checkout(tmp_path / "checkout")
    archives = {source.file: (downloads / source.file).read_bytes() for source in manifest.sources}
    with offered(checkout, manifest, archives):
        done = checkout.snakemake("data/verified/nyu_depth_v2.json")
    assert done.returncode == 0, done.stdout
    fetched = [checkout.folder / "data/downloads/nyu_depth_v2" / name for name in archives]
    assert [path.read_bytes() for path in fetched] == list(archives.values())
    assert (checkout.folder / "data/verified/nyu_depth_v2.json").exists()

"""Verification: every way in which a prepared dataset can be wrong is found and named."""

import hashlib
import os

import cv2
import numpy as np
import pytest

from data_manifests.schemas.dataset import Dataset
from data_manifests.schemas.label_set import LabelSet
from segrepro.errors import SegReproError
from segrepro.known_hashes import KnownHashes
from workflow.data import checksum_list
from workflow.data.check import verify as verification
from workflow.data.check.verify import verify
from workflow.data.placed_by_hand import STAMP

LABELS = LabelSet.model_validate(
    {
        "id": "three",
        "source": "test",
        "classes": [{"name": name, "color": [0, 0, 0]} for name in ("sky", "road", "car")],
        "void": {"label": 255, "color": [0, 0, 0]},
    }
)
MANIFEST = Dataset.model_validate(
    {
        "id": "tiny",
        "title": "tiny",
        "description": "test",
        "claim_names": ["tiny"],
        "licence": {"name": "none", "url": "https://example.org", "terms": "none"},
        "citation": "none",
        "preparation": "cityscapes",
        "image_size": [12, 8],
        "splits": {"train": {"images": 3}, "test": {"images": 2, "labels": "hidden"}},
        "layout": {
            "images": "leftImg8bit/{split}/*/*_leftImg8bit.png",
            "labels": "gtFine/{split}/*/*_gtFine_labelTrainIds.png",
        },
        "label_set": "three",
    }
)
IMAGE, MAP = "leftImg8bit/train/bonn/bonn_0_leftImg8bit.png", "gtFine/train/bonn/bonn_0_gtFine_labelTrainIds.png"


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)


@pytest.fixture
def data(tmp_path):
    """A right dataset: the label maps hold all classes and void, those of the hidden split are not there."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / STAMP).touch()
    rng = np.random.default_rng(0)
    for split, city, number in (
        ("train", "bonn", 0),
        ("train", "bonn", 1),
        ("train", "ulm", 0),
        ("test", "kiel", 0),
        ("test", "kiel", 1),
    ):
        frame = f"{split}/{city}/{city}_{number}"
        write(folder / f"leftImg8bit/{frame}_leftImg8bit.png", rng.integers(0, 256, (8, 12, 3), np.uint8))
        if split == "train":
            truth = rng.permutation(np.resize(np.array([0, 1, 2, 255], np.uint8), 96)).reshape(8, 12)
            write(folder / f"gtFine/{frame}_gtFine_labelTrainIds.png", truth)
    return folder


def listed(data):
    return {p.relative_to(data).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in data.rglob("*.png")}


def problems(data, checksums=None):
    with pytest.raises(SegReproError) as error:
        verify(MANIFEST, LABELS, data, checksums, threads=2)
    first, *found, last = str(error.value).splitlines()
    assert first.startswith(f"{data}: ")
    assert last == f"Next step: remove {data} and prepare it again (workflow/scripts/prepare.py)."
    return [line.strip() for line in found]


def test_a_right_dataset_gives_counts_and_a_digest_of_all_files(data):
    expected = {
        "dataset": "tiny",
        "splits": {"train": {"images": 3, "labels": 3}, "test": {"images": 2, "labels": 0}},
        "files_sha256": hashlib.sha256(checksum_list.format_list(listed(data)).encode()).hexdigest(),
        "labelled_sha256": hashlib.sha256(
            f"train\n{checksum_list.format_list({p: d for p, d in listed(data).items() if '/train/' in p})}".encode()
        ).hexdigest(),
    }
    with_list, without = (verify(MANIFEST, LABELS, data, names, threads=2) for names in (listed(data), None))
    for facts in ("facts_sha256", "preparation_sha256"):
        assert with_list.pop(facts) != without.pop(facts), "what it was made from and checked against"
    assert with_list == without == expected


def test_label_maps_of_a_hidden_split_are_not_looked_at(data):
    before = verify(MANIFEST, LABELS, data, None, threads=1)
    write(data / "gtFine/test/kiel/kiel_0_gtFine_labelTrainIds.png", np.full((8, 12), 7, np.uint8))
    assert verify(MANIFEST, LABELS, data, None, threads=1) == before


def test_the_digest_depends_on_every_file(data):
    before = verify(MANIFEST, LABELS, data, None, threads=1)["files_sha256"]
    write(data / IMAGE, np.zeros((8, 12, 3), np.uint8))
    assert verify(MANIFEST, LABELS, data, None, threads=1)["files_sha256"] != before


def test_the_digest_of_what_a_training_can_see_depends_on_nothing_else(data):
    def labelled_sha256():
        return verify(MANIFEST, LABELS, data, None, threads=1)["labelled_sha256"]

    before = labelled_sha256()
    write(data / "leftImg8bit/test/kiel/kiel_0_leftImg8bit.png", np.zeros((8, 12, 3), np.uint8))
    assert labelled_sha256() == before
    write(data / MAP, np.zeros((8, 12), np.uint8))
    assert labelled_sha256() != before


def test_missing_files_are_counted_and_named(data):
    (data / IMAGE).unlink()
    assert problems(data) == [
        "train: found 2 images at leftImg8bit/train/*/*_leftImg8bit.png; expected 3",
        f"{MAP}: found no image for it",
    ]
    (data / MAP).unlink()
    (data / "gtFine/train/ulm/ulm_0_gtFine_labelTrainIds.png").unlink()
    assert problems(data) == [
        "train: found 2 images at leftImg8bit/train/*/*_leftImg8bit.png; expected 3",
        "leftImg8bit/train/ulm/ulm_0_leftImg8bit.png: found no label map for it",
    ]


def test_a_label_map_in_the_folder_of_another_city_is_no_pair(data):
    (data / MAP).rename(data / "gtFine/train/ulm/bonn_0_gtFine_labelTrainIds.png")
    assert problems(data) == [
        f"{IMAGE}: found no label map for it",
        "gtFine/train/ulm/bonn_0_gtFine_labelTrainIds.png: found no image for it",
    ]


@pytest.mark.parametrize(
    ("file", "pixels", "problem"),
    [
        (
            IMAGE,
            np.zeros((12, 8, 3), np.uint8),
            "found height, width, channels (12, 8, 3) of uint8; expected (8, 12, 3)",
        ),
        (IMAGE, np.zeros((8, 12), np.uint8), "found height, width, channels (8, 12) of uint8; expected (8, 12, 3)"),
        (IMAGE, np.zeros((8, 12, 3), np.uint16), "found height, width, channels (8, 12, 3) of uint16; expected"),
        (MAP, np.zeros((8, 13), np.uint8), "found height, width, channels (8, 13) of uint8; expected (8, 12)"),
        (MAP, np.zeros((8, 12, 3), np.uint8), "found height, width, channels (8, 12, 3) of uint8; expected (8, 12)"),
        (
            MAP,
            np.arange(96, dtype=np.uint8).reshape(8, 12) // 19,
            "found label values [3, 4, 5]; expected 0 to 2, and 255",
        ),
        (MAP, np.full((8, 12), 254, np.uint8), "found label values [254]; expected 0 to 2, and 255 for void"),
    ],
)
def test_wrong_pixels_are_named(data, file, pixels, problem):
    write(data / file, pixels)
    (found,) = problems(data)
    assert found.startswith(f"{file}: {problem}")


@pytest.mark.parametrize("damage", ["cut", "flipped", "no picture", "empty"])
@pytest.mark.parametrize("file", [IMAGE, MAP])
def test_a_damaged_picture_is_named(data, file, damage):
    content = (data / file).read_bytes()
    at = content.index(b"IDAT") + 20
    damaged = {
        "cut": content[:at],
        "flipped": content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :],
        "no picture": b"<html>not found</html>",
        "empty": b"",
    }
    (data / file).write_bytes(damaged[damage])
    assert problems(data) == [f"{file}: found no readable picture"]


def test_files_are_compared_with_the_list(data):
    checksums = listed(data)
    checksums[IMAGE] = "0" * 64
    checksums["leftImg8bit/train/bonn/bonn_9_leftImg8bit.png"] = checksums.pop(MAP)
    found = hashlib.sha256((data / IMAGE).read_bytes()).hexdigest()
    assert problems(data, checksums) == [
        "leftImg8bit/train/bonn/bonn_9_leftImg8bit.png: no such file",
        f"{MAP}: found in the folder; expected only files that the list of checksums has",
        f"{IMAGE}: found sha256 {found}; expected {'0' * 64}",
    ]


def test_of_many_problems_the_first_are_shown_and_the_rest_counted(data):
    checksums = listed(data) | {f"leftImg8bit/train/bonn/lost_{i:02}_leftImg8bit.png": "0" * 64 for i in range(30)}
    with pytest.raises(SegReproError, match=r"tiny: 30 problems:") as error:
        verify(MANIFEST, LABELS, data, checksums, threads=1)
    assert [line.count("lost_") for line in str(error.value).splitlines()] == [0, *[1] * 20, 0, 0]
    assert "  and 10 more\n" in str(error.value)


def test_a_list_that_is_no_list_of_checksums_is_refused(tmp_path):
    (tmp_path / "list").write_text(f"{'0' * 64}  a.png\n{'0' * 63} *b.png\n")
    with pytest.raises(SegReproError, match=r"list, line 2: found .*; expected: sha256, two spaces, path"):
        checksum_list.read_list(tmp_path / "list")


def test_only_changed_files_are_read_again(data, tmp_path, monkeypatch):
    known = KnownHashes(tmp_path / "hashes")
    before = verify(MANIFEST, LABELS, data, None, threads=1, known=known)
    known.keep()
    read = []
    inspect = verification._inspect
    monkeypatch.setattr(verification, "_inspect", lambda file, check: read.append(file) or inspect(file, check))

    def again(right):
        read.clear()
        found = verify(MANIFEST, LABELS, data, None, threads=1, known=KnownHashes(tmp_path / "hashes"), right=right)
        return found, {file.relative_to(data).as_posix() for file in read}

    right = listed(data)
    assert again(right) == (before, set())
    assert again({})[1] == set(right), "nothing was found right by these facts"
    content = (data / IMAGE).read_bytes()
    os.utime(data / IMAGE, (1, 1))
    assert again(right) == (before, {IMAGE, MAP}), "an image and its label map are compared with each other"
    times = (data / MAP).stat()
    other = next((data / "gtFine").rglob("*ulm*.png")).read_bytes()
    (data / MAP).write_bytes(other)
    os.utime(data / MAP, ns=(times.st_atime_ns, times.st_mtime_ns))
    changed, seen = again(right)
    assert {IMAGE, MAP} <= seen and changed["labelled_sha256"] != before["labelled_sha256"]
    assert content == (data / IMAGE).read_bytes()

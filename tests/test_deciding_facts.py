"""What decides a dataset's files counts; a sentence, a comment or an order does not."""

import shutil

import pytest

from data_manifests import loader
from workflow.data import checksum_list
from workflow.data.deciding_facts import of_prepared_files, of_verification

DATASET, LABEL_SET = "datasets/camvid_720.yaml", "label_sets/camvid_720.yaml"
COLOR = "      - [192, 192, 0] # VegetationMisc\n"


@pytest.fixture
def facts(tmp_path, monkeypatch):
    """A copy of the manifests, to be changed."""
    for folder in ("datasets", "label_sets"):
        shutil.copytree(loader.ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    return tmp_path


def both(name="camvid_720"):
    manifest = loader.dataset(name)
    given = manifest, loader.label_set(manifest.label_set), checksum_list.listed_for(manifest)
    return of_prepared_files(*given), of_verification(*given)


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (LABEL_SET, "# Road", "# Roads, paved or not"),
        (LABEL_SET, "source: >-", "source: >-\n  By hand:"),
        (LABEL_SET, "      - [128, 128, 0] # Tree\n" + COLOR, COLOR + "      - [128, 128, 0] # Tree\n"),
        (DATASET, "terms: The owners", "terms: So far the owners"),
        (DATASET, "title: CamVid, 960x720", "title: CamVid in full"),
        (DATASET, "bytes: 16777216", "bytes: 16777217"),
        (DATASET, "  images: images/*.png\n  labels: labels/*.png", "  labels: labels/*.png\n  images: images/*.png"),
        (DATASET, "  train: {images: 367}\n  val: {images: 101}", "  val: {images: 101}\n  train: {images: 367}"),
    ],
)
def test_words_and_orders_decide_nothing(facts, file, old, new):
    before = both()
    change(facts / file, old, new)
    assert both() == before


@pytest.mark.parametrize(
    ("file", "old", "new", "prepared", "verified"),
    [
        (LABEL_SET, COLOR, "", True, False),
        (LABEL_SET, "name: Sky", "name: Heaven", True, False),
        (LABEL_SET, "label: 11", "label: 255", True, True),
        (LABEL_SET, "color: [128, 128, 128]", "color: [128, 128, 129]", False, True),
        (DATASET, "folder: .", "folder: maps", True, False),
        (DATASET, 'wanted: ["*_L.png"]', 'wanted: ["*.png"]', True, False),
        (DATASET, "sha256: null", f"sha256: {64 * 'a'}", True, False),
        (DATASET, "labels: labels/*.png", "labels: maps/*.png", True, True),
        (DATASET, "image_size: [960, 720]", "image_size: [480, 360]", True, True),
        (DATASET, "label_set: camvid_720", "label_set: camvid_720\nreduce_zero_label: true", False, True),
    ],
)  # fmt: skip
def test_a_fact_decides_what_follows_from_it(facts, file, old, new, prepared, verified):
    before = both()
    change(facts / file, old, new)
    assert [now != then for now, then in zip(both(), before, strict=True)] == [prepared, verified]


def test_a_list_of_checksums_decides_whatever_the_order_of_its_lines(facts):
    before, listing = both("camvid"), facts / "datasets/camvid.sha256"
    lines = listing.read_text().splitlines(keepends=True)
    listing.write_text("".join(reversed(lines)))
    assert both("camvid") == before
    listing.write_text("".join(lines[1:]))
    assert [now != then for now, then in zip(both("camvid"), before, strict=True)] == [True, True]

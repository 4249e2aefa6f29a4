"""Cityscapes, on tiny archives in the owner's exact layout."""

import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from cityscapesscripts.helpers.annotation import Annotation
from cityscapesscripts.preparation.json2instanceImg import createInstanceImage
from cityscapesscripts.preparation.json2labelImg import createLabelImage

from data_manifests import loader
from segrepro.errors import SegReproError
from tests.tiny_network import config, counted, train_and_score
from workflow.data.check.verify import verify
from workflow.data.prepare import cityscapes, cityscapes_coarse

ROOT = Path(__file__).resolve().parents[1]
FRAMES = {"train": ("aachen_000000_000019", "zurich_000001_000019"), "val": ("lindau_000000_000019",)}
HIDDEN = {"test": ("berlin_000000_000019",)}


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def annotation(seed):
    """Polygons of every label that the owner knows, some as groups, as in `*_gtFine_polygons.json`."""
    rng = np.random.default_rng(seed)
    names = [label.name for label in cityscapes.owners_labels] + ["cargroup", "persongroup"]
    objects = [
        {"label": name, "polygon": rng.integers(0, [64, 32], (4, 2)).tolist()} for name in rng.permutation(names)
    ]
    parsed = Annotation()
    parsed.fromJsonText(json.dumps({"imgWidth": 64, "imgHeight": 32, "objects": objects}))
    return parsed


def owners_label_map(seed, encoding):
    return np.array(createLabelImage(annotation(seed), encoding), np.uint8)


def owners_instance_map(seed):
    return np.array(createInstanceImage(annotation(seed), "ids")).astype(np.uint16)


@pytest.fixture
def downloads(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    images = zipfile.ZipFile(folder / "leftImg8bit_trainvaltest.zip", "w")
    labels = zipfile.ZipFile(folder / "gtFine_trainvaltest.zip", "w")
    with images, labels:
        for archive in (images, labels):
            archive.writestr("README", "text")
            archive.writestr("license.txt", "text")
        seed = 0
        for split, frames in (FRAMES | HIDDEN).items():
            for frame in frames:
                city = frame.split("_")[0]
                images.writestr(
                    f"leftImg8bit/{split}/{city}/{frame}_leftImg8bit.png", png(np.zeros((32, 64, 3), np.uint8))
                )
                stem = f"gtFine/{split}/{city}/{frame}_gtFine"
                labels.writestr(f"{stem}_labelIds.png", png(owners_label_map(seed, "ids")))
                labels.writestr(f"{stem}_instanceIds.png", png(owners_instance_map(seed)))
                labels.writestr(f"{stem}_polygons.json", "{}")
                seed += 1
    return folder


@pytest.fixture
def manifest(downloads):
    """The real manifest, for archives of another size."""
    real = loader.dataset("cityscapes")
    sources = [s.model_copy(update={"bytes": (downloads / s.file).stat().st_size}) for s in real.sources]
    return real.model_copy(update={"sources": tuple(sources)})


def test_train_ids_are_those_that_the_owners_program_draws(manifest, downloads, tmp_path):
    out = tmp_path / "cityscapes"
    cityscapes.prepare(manifest, downloads, out, threads=2)
    written = sorted(out.glob("gtFine/*/*/*_labelTrainIds.png"))
    assert [p.name.removesuffix("_gtFine_labelTrainIds.png") for p in written] == [*FRAMES["train"], *FRAMES["val"]]
    for seed, path in enumerate(written):
        np.testing.assert_array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), owners_label_map(seed, "trainIds"))
    assert sorted(p.name for p in out.iterdir()) == ["gtFine", "leftImg8bit"]
    assert len(list(out.glob("leftImg8bit/*/*/*_leftImg8bit.png"))) == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cityscapes", "downloads"]


def test_a_run_that_broke_off_is_gone_on_with(manifest, downloads, tmp_path, monkeypatch):
    out, half_done = tmp_path / "cityscapes", tmp_path / "cityscapes.partial"
    monkeypatch.setattr(cityscapes, "_table", lambda: np.full(256, -1, np.int16))
    with pytest.raises(SegReproError, match=r"found label ids \[.*\]; expected those of cityscapesscripts"):
        cityscapes.prepare(manifest, downloads, out, threads=1)
    monkeypatch.undo()
    assert not out.exists()
    kept = half_done / "leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png"
    inode = kept.stat().st_ino
    (done,) = half_done.glob("gtFine/val/*/*_labelIds.png")
    done.with_name(done.name.replace("_labelIds", "_labelTrainIds")).write_bytes(b"written by the run that broke off")

    cityscapes.prepare(manifest, downloads, out, threads=1)
    assert (out / kept.relative_to(half_done)).stat().st_ino == inode, "extracted once"
    (old,) = out.glob("gtFine/val/*/*_labelTrainIds.png")
    assert old.read_bytes() == b"written by the run that broke off"
    assert len(list(out.glob("gtFine/train/*/*_labelTrainIds.png"))) == 2


def test_a_label_map_that_cannot_be_read_is_named(manifest, downloads, tmp_path):
    broken = "gtFine/val/lindau/lindau_000000_000020_gtFine_labelIds.png"
    with zipfile.ZipFile(downloads / "gtFine_trainvaltest.zip", "a") as archive:
        archive.writestr(broken, "no picture")
    sources = [s.model_copy(update={"bytes": (downloads / s.file).stat().st_size}) for s in manifest.sources]
    with pytest.raises(SegReproError, match=rf"{broken}: found no label map; .* remove \S+/out\.partial"):
        cityscapes.prepare(manifest.model_copy(update={"sources": sources}), downloads, tmp_path / "out", threads=1)
    assert not (tmp_path / "out").exists()


# ---- coarse annotations

EXTRA = ("augsburg_000000_000005", "troisdorf_000000_000073")


@pytest.fixture
def coarse(downloads, manifest, tmp_path):
    """The manifest and the archives of the coarse annotations, for the few images of `downloads`."""
    frames = FRAMES | {"train_extra": EXTRA}
    with (
        zipfile.ZipFile(downloads / "leftImg8bit_trainextra.zip", "w") as images,
        zipfile.ZipFile(downloads / "gtCoarse.zip", "w") as labels,
    ):
        for seed, (split, frame) in enumerate((of, frame) for of in frames for frame in frames[of]):
            place = f"{split}/{frame.split('_')[0]}/{frame}"
            if split == "train_extra":
                images.writestr(f"leftImg8bit/{place}_leftImg8bit.png", png(np.full((32, 64, 3), seed, np.uint8)))
            labels.writestr(f"gtCoarse/{place}_gtCoarse_labelIds.png", png(owners_label_map(seed, "ids")))
    real = loader.dataset("cityscapes_coarse")
    sources = [s.model_copy(update={"bytes": (downloads / s.file).stat().st_size}) for s in real.sources]
    splits = {name: split.model_copy(update={"images": len(frames[name])}) for name, split in real.splits.items()}
    return real.model_copy(update={"sources": tuple(sources), "splits": splits, "image_size": (64, 32)})


def test_coarse_annotations_come_with_links_to_the_images_that_are_there(manifest, coarse, downloads, tmp_path):
    fine, out = tmp_path / "cityscapes", tmp_path / "cityscapes_coarse"
    labels = loader.label_set("cityscapes")
    cityscapes.prepare(manifest, downloads, fine, threads=1)
    cityscapes_coarse.prepare(coarse, downloads, out, threads=2)
    verified = verify(coarse, labels, out, None, threads=1)
    assert {name: s["labels"] for name, s in verified["splits"].items()} == {"train": 2, "train_extra": 2, "val": 1}
    assert (out / "leftImg8bit/val").readlink() == Path("../../cityscapes/leftImg8bit/val")
    (written,) = out.glob("gtCoarse/val/*/*_labelTrainIds.png")
    np.testing.assert_array_equal(cv2.imread(str(written), cv2.IMREAD_UNCHANGED), owners_label_map(2, "trainIds"))

    _, loss, prediction = train_and_score(config("cityscapes_coarse", out, labels), coarse, labels)
    assert math.isfinite(loss)
    assert prediction.names == ("lindau_000000_000019_leftImg8bit",)
    expected = owners_label_map(2, "trainIds")
    assert counted(prediction).tolist() == [*((expected == c).sum() for c in range(19)), (expected == 255).sum()]


def test_coarse_annotations_without_the_images_say_what_comes_first(coarse, downloads, tmp_path):
    with pytest.raises(SegReproError, match=r"cityscapes/leftImg8bit/train: no such folder; prepare cityscapes first"):
        cityscapes_coarse.prepare(coarse, downloads, tmp_path / "cityscapes_coarse", threads=1)
    assert [p.name for p in tmp_path.iterdir()] == ["downloads"]


def test_an_unfinished_archive_is_refused_by_its_size(downloads, tmp_path):
    with pytest.raises(SegReproError, match=r"leftImg8bit_trainvaltest\.zip: found \d+ bytes; expected 11592327197"):
        cityscapes.prepare(loader.dataset("cityscapes"), downloads, tmp_path / "cityscapes", threads=1)


@pytest.mark.parametrize("program", ["prepare", "verify"])
def test_what_is_missing_is_said_with_the_next_step(tmp_path, program):
    where = {"prepare": "--downloads", "verify": "--data"}[program]
    command = [sys.executable, f"workflow/scripts/{program}.py", "--dataset", "cityscapes", where, tmp_path / "none"]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"], cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}/none")
    assert {"prepare": "fetch it first", "verify": "prepare the dataset first"}[program] in done.stderr

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
from mmengine.config import Config
from mmseg.registry import DATASETS

from data_manifests import loader
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
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


def sources_in(folder, manifest):
    """The sources of a manifest, for the archives in a folder."""
    files = [folder / source.file for source in manifest.sources]
    known = [{"bytes": f.stat().st_size, "size_is_approximate": False, "sha256": hash_of_file(f)} for f in files]
    return tuple(source.model_copy(update=of) for source, of in zip(manifest.sources, known, strict=True))


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
    return real.model_copy(update={"sources": sources_in(downloads, real)})


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
    sources = sources_in(downloads, manifest)
    with pytest.raises(SegReproError, match=rf"{broken}: found no label map; .* remove \S+/out\.partial"):
        cityscapes.prepare(manifest.model_copy(update={"sources": sources}), downloads, tmp_path / "out", threads=1)
    assert not (tmp_path / "out").exists()


# ---- coarse annotations

# More than one batch, so that a training sees some; the manifest knows the last to be bad.
EXTRA = ("augsburg_000000_000005", "augsburg_000000_000006", "troisdorf_000000_000073")


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
    splits = {name: split.model_copy(update={"images": len(frames[name])}) for name, split in real.splits.items()}
    changes = {"sources": sources_in(downloads, real), "splits": splits, "image_size": (64, 32)}
    return real.model_copy(update=changes)


def test_coarse_annotations_come_with_links_to_the_images_that_are_there(manifest, coarse, downloads, tmp_path):
    fine, out = tmp_path / "cityscapes", tmp_path / "cityscapes_coarse"
    labels = loader.label_set("cityscapes")
    cityscapes.prepare(manifest, downloads, fine, threads=1)
    cityscapes_coarse.prepare(coarse, downloads, out, threads=2)
    verified = verify(coarse, labels, out, None, threads=1)
    assert {name: s["labels"] for name, s in verified["splits"].items()} == {"train": 2, "train_extra": 2, "val": 1}, (
        "the image that is known to be bad does not count"
    )
    assert (out / "leftImg8bit/val").readlink() == Path("../../cityscapes/leftImg8bit/val")
    (written,) = out.glob("gtCoarse/val/*/*_labelTrainIds.png")
    np.testing.assert_array_equal(cv2.imread(str(written), cv2.IMREAD_UNCHANGED), owners_label_map(2, "trainIds"))

    _, loss, prediction = train_and_score(config("cityscapes_coarse", out, labels), coarse, labels)
    assert math.isfinite(loss)
    assert prediction.names == ("lindau_000000_000019_leftImg8bit",)
    expected = owners_label_map(2, "trainIds")
    assert counted(prediction).tolist() == [*((expected == c).sum() for c in range(19)), (expected == 255).sum()]


@pytest.mark.parametrize("form", ["whole", "black", "black, one channel", "absent", "absent with its label map"])
def test_the_image_that_is_known_to_be_bad_verifies_in_every_form_and_is_never_trained_on(
    manifest, coarse, downloads, tmp_path, form
):
    (bad,) = coarse.known_bad_files
    fine, out = tmp_path / "cityscapes", tmp_path / "cityscapes_coarse"
    labels = loader.label_set("cityscapes")
    cityscapes.prepare(manifest, downloads, fine, threads=1)
    cityscapes_coarse.prepare(coarse, downloads, out, threads=1)
    whole = verify(coarse, labels, out, None, threads=1)
    if form.startswith("absent"):
        (out / bad.image).unlink()
        if form != "absent":
            for path in out.glob("gtCoarse/train_extra/troisdorf/*"):
                path.unlink()
    elif form != "whole":
        shape = (32, 64) if form == "black, one channel" else (32, 64, 3)
        (out / bad.image).write_bytes(png(np.zeros(shape, np.uint8)))
    assert form.removesuffix(" with its label map") in ("whole", *bad.tolerated)
    assert verify(coarse, labels, out, None, threads=1) == whole, "the same data, as nothing is trained on it"
    assert whole["splits"]["train_extra"]["images"] == coarse.usable_images("train_extra") == len(EXTRA) - 1

    settings = config("cityscapes_coarse", out, labels)
    trained = DATASETS.build(settings.train_dataloader.dataset.dataset)
    assert len(trained) == coarse.usable_images("train_extra")
    assert not any("troisdorf" in trained.get_data_info(i)["img_path"] for i in range(len(trained)))


def test_epochs_of_the_coarse_images_are_without_the_bad_one():
    real = loader.dataset("cityscapes_coarse")
    assert real.usable_images("train_extra") == real.splits["train_extra"].images - 1
    coarse = Config.fromfile(ROOT / "mmseg_plugins/configs/cityscapes_coarse/shelfnet50.py")
    batches = real.usable_images("train_extra") // coarse.train_dataloader.batch_size
    assert coarse.train_cfg.max_iters % batches == 0


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        (np.zeros((32, 60, 3), np.uint8), r"height, width, channels \(32, 60, 3\) of uint8"),
        (np.full((32, 64), 7, np.uint8), r"height, width, channels \(32, 64\) of uint8"),
        (None, "no readable picture"),
    ],
)
def test_what_is_worse_than_known_is_named(manifest, coarse, downloads, tmp_path, pixels, found):
    cityscapes.prepare(manifest, downloads, tmp_path / "cityscapes", threads=1)
    cityscapes_coarse.prepare(coarse, downloads, tmp_path / "cityscapes_coarse", threads=1)
    (bad,) = coarse.known_bad_files
    (tmp_path / "cityscapes_coarse" / bad.image).write_bytes(b"" if pixels is None else png(pixels))
    with pytest.raises(SegReproError, match=rf"{bad.image}: found {found}.*; expected it whole or black or"):
        verify(coarse, loader.label_set("cityscapes"), tmp_path / "cityscapes_coarse", None, threads=1)


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

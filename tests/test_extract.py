"""Extraction: no archive writes outside its folder, and a folder is there with all its files or not at all."""

import hashlib
import io
import signal
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrepro.errors import SegReproError
from workflow.data.fetch import extract as extract_module
from workflow.data.fetch.extract import extract


def make_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def make_tar(path, files):
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture(params=["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
def make(request, tmp_path):
    """Makes an archive of one format from pairs of name and content."""
    writer = make_zip if request.param == "a.zip" else make_tar
    return lambda *files: writer(tmp_path / request.param, files)


def files_in(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def assert_refused(archive, message, folder="data", checksums=None, wanted=("*",)):
    """Extraction fails with the message, and nothing but the archive is there before and after."""
    around = sorted(archive.parent.rglob("*"))
    with pytest.raises(SegReproError, match=message) as error:
        extract(archive, folder, archive.parent / "out", checksums, wanted)
    assert str(error.value).startswith(f"{archive}: ")
    assert sorted(archive.parent.rglob("*")) == around


def test_the_files_of_one_folder_are_extracted(make, tmp_path):
    archive = make(("top/data/a/1", b"one"), ("./top/data/2", b"two"), ("top/database/3", b"3"), ("LICENCE", b"text"))
    extract(archive, "top/data", tmp_path / "out")
    assert files_in(tmp_path / "out") == {"a/1": b"one", "2": b"two"}
    assert sorted(p.name for p in tmp_path.iterdir()) == [archive.name, "out"]


def test_with_checksums_just_the_listed_files_are_extracted(make, tmp_path):
    archive = make(("data/a", b"one"), ("data/b", b"two"))
    extract(archive, "data", tmp_path / "out", {"b": hashlib.sha256(b"two").hexdigest()})
    assert files_in(tmp_path / "out") == {"b": b"two"}


def test_with_patterns_just_the_files_that_fit_are_extracted(make):
    archive = make(
        ("data/cls/a.mat", b"a"), ("data/cls/b.txt", b"b"), ("data/train.txt", b"t"), ("data/img/c.jpg", b"c")
    )
    assert_refused(archive, r"found no file in its folder 'data' that fits \*\.png", wanted=["*.png"])
    out = archive.parent / "out"
    extract(archive, "data", out, wanted=["cls/*.mat", "train.txt"])
    assert files_in(out) == {"cls/a.mat": b"a", "train.txt": b"t"}


def test_an_older_folder_is_replaced_as_a_whole(make, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/old").write_bytes(b"old")
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial/half").write_bytes(b"left by a killed run")
    extract(make(("data/a", b"one")), "data", tmp_path / "out")
    assert files_in(tmp_path / "out") == {"a": b"one"}
    assert not (tmp_path / "out.partial").exists()


def test_a_file_with_another_sha256_is_refused(make):
    archive = make(("data/a", b"one"), ("data/b", b"two"))
    good, bad = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"2").hexdigest()
    assert_refused(archive, f"data/b: found sha256 .*; expected {bad}", checksums={"a": good, "b": bad})


def test_a_missing_file_is_refused(make):
    assert_refused(make(("data/a", b"one")), "1 of 2 files are missing, b for one", checksums={"a": "", "b": ""})


def test_a_missing_folder_is_refused(make):
    assert_refused(make(("other/a", b"one")), "found no file in its folder 'data'")


@pytest.mark.parametrize(
    "name", ["/evil", "../evil", "data/../../evil", "data/..", "..\\evil", "C:/evil", "data/a\nb", "data/\x1b[2J"]
)
def test_a_name_that_leaves_the_folder_is_refused(make, name):
    archive = make(("data/a", b"one"), (name, b"evil"))
    assert_refused(archive, "is no path inside a folder")


@pytest.mark.parametrize("again", ["data/a", "data/./a", "./data//a"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_refused(make, again):
    assert_refused(make(("data/a", b"one"), (again, b"two")), "holds .* twice")


def test_a_file_that_is_also_a_folder_is_refused(make):
    assert_refused(make(("data/a", b"one"), ("data/a/b", b"two")), "takes the place of another entry")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "../../evil"),
        (tarfile.SYMTYPE, "/etc"),
        (tarfile.LNKTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "data/a"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind, target):
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w") as writer:
        writer.addfile(tarfile.TarInfo("data/a"))
        info = tarfile.TarInfo("data/b")
        info.type, info.linkname = kind, target
        writer.addfile(info)
        through = tarfile.TarInfo("data/b/c")
        through.size = 4
        writer.addfile(through, io.BytesIO(b"evil"))
    assert_refused(archive, "'data/b' is a link or device")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, kind):
    info = zipfile.ZipInfo("data/b")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as writer:
        writer.writestr(info, "/etc/passwd")
    assert_refused(tmp_path / "a.zip", "'data/b' is a link or device")


def test_a_locked_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a.zip", [("data/a", b"one")])
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # general purpose flag in the central directory
    archive.write_bytes(content)
    assert_refused(archive, "'data/a' is a locked file")


def test_permissions_of_the_archive_are_not_taken_over(tmp_path):
    info = tarfile.TarInfo("data/a")
    info.mode, info.uid, info.gid = 0o6777, 12345, 12345
    with tarfile.open(tmp_path / "a.tar", "w") as writer:
        writer.addfile(info)
    extract(tmp_path / "a.tar", "data", tmp_path / "out")
    (tmp_path / "mine").touch()
    made, mine = (tmp_path / "out/a").stat(), (tmp_path / "mine").stat()
    assert (made.st_mode, made.st_uid, made.st_gid) == (mine.st_mode, mine.st_uid, mine.st_gid)


@pytest.mark.parametrize("wanted", ["data", "other"])
def test_what_grows_beyond_reason_is_refused(make, monkeypatch, wanted):
    monkeypatch.setattr(extract_module, "_ALWAYS_ALLOWED", 0)
    archive = make((f"{wanted}/a", bytes(4 << 20)), ("data/b", b"two"))
    if archive.suffix == ".tar":
        extract(archive, "data", archive.parent / "out")  # nothing is compressed, so nothing grows
    else:
        assert_refused(archive, "it would grow to more than")


def test_a_full_disk_is_said_before_the_first_file(make, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 2}))
    archive = make(("data/a", b"one"))
    with pytest.raises(SegReproError, match=r"not enough room on the disk: 3.00B \(3 bytes\) needed, 2.00B"):
        extract(archive, "data", archive.parent / "out")
    assert not (archive.parent / "out.partial").exists()


def test_a_killed_extraction_leaves_no_folder_and_the_next_one_succeeds(tmp_path):
    archive = make_tar(tmp_path / "a.tar", [("data/a", b"one"), ("data/b", b"two")])
    killed_after_a = f"""
import os, pathlib, signal, workflow.data.fetch.extract as module
copy = module.copy_hashed
def one_copy(*arguments):
    if pathlib.Path("{tmp_path}/out.partial/b").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return copy(*arguments)
module.copy_hashed = one_copy
module.extract(pathlib.Path("{archive}"), "data", pathlib.Path("{tmp_path}/out"))
"""
    killed = subprocess.run([sys.executable, "-c", killed_after_a], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert files_in(tmp_path / "out.partial") == {"a": b"one", "b": b""}
    assert not (tmp_path / "out").exists()
    extract(archive, "data", tmp_path / "out")
    assert files_in(tmp_path / "out") == {"a": b"one", "b": b"two"}


@pytest.mark.parametrize("damage", ["cut", "flipped", "no archive", "empty"])
def test_a_damaged_archive_is_refused(make, damage):
    noise = bytes(range(256)) * 400
    archive = make(*((f"data/{i}", noise) for i in range(3)))
    content = archive.read_bytes()
    digests = {str(i): hashlib.sha256(noise).hexdigest() for i in range(3)}
    middle = len(content) // 2
    archive.write_bytes(
        {
            "cut": content[:middle],
            "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "no archive": b"<html>not found</html>" * 100,
            "empty": b"",
        }[damage]
    )
    assert_refused(archive, "fetch it again", checksums=digests)


names = st.text(st.sampled_from("ab./\\:~\n\0é"), min_size=1, max_size=12)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    entries=st.lists(st.tuples(names, st.binary(max_size=3)), min_size=1, max_size=4),
    kind=st.sampled_from(["zip", "tar"]),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_the_names_are_nothing_lies_outside_the_folder(tmp_path_factory, entries, kind):
    box = tmp_path_factory.mktemp("box") / "inner"
    box.mkdir()
    writer = make_zip if kind == "zip" else make_tar
    archive = writer(box / f"x.{kind}", [(f"data/{name}", content) for name, content in entries])
    before = set(box.parent.rglob("*"))
    try:
        extract(archive, "data", box / "out")
    except SegReproError:
        assert set(box.parent.rglob("*")) == before
    else:
        new = set(box.parent.rglob("*")) - before
        assert new and all(Path(box / "out") in (path, *path.parents) for path in new)
        assert {content for _, content in entries} >= set(files_in(box / "out").values())

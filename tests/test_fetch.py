"""The fetcher: only the right content ever gets its name, whatever servers and machines do on the way."""

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from data_manifests import loader
from data_manifests.schemas.base import RemoteFile
from data_manifests.schemas.dataset import Login
from segrepro.errors import SegReproError
from tests.http_server import drops, ignores_range, says_no_length, serving, stalls, status, whole
from workflow.data.fetch import disk, download, identity
from workflow.data.fetch.fetch import fetch

CONTENT = random.Random(0).randbytes(1 << 20)
OTHER = random.Random(1).randbytes(1 << 20)
HALF = len(CONTENT) // 2
ROOT = Path(__file__).resolve().parents[1]


def remote(*urls, content=CONTENT, **changes):
    digest = hashlib.sha256(content).hexdigest()
    return RemoteFile(**{"file": "file.bin", "urls": urls, "bytes": len(content), "sha256": digest} | changes)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "_BACKOFF_S", 0)
    monkeypatch.setattr(download, "_TIMEOUT_S", (5, 0.3))


@pytest.fixture
def destination(tmp_path):
    return tmp_path / "downloads" / "file.bin"


def left_behind(destination):
    """What lies beside the destination, but for the lock."""
    return sorted(p.name for p in destination.parent.iterdir() if p != destination and p.suffix != ".lock")


# ---- where it looks


def test_the_mirror_is_asked_first(tmp_path, destination):
    (tmp_path / "mirror/things").mkdir(parents=True)
    (tmp_path / "mirror/things/file.bin").write_bytes(CONTENT)
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, tmp_path / "mirror")
    assert destination.read_bytes() == CONTENT
    assert server.ranges == []
    assert left_behind(destination) == []


@pytest.mark.parametrize("in_mirror", [None, OTHER, CONTENT[:-1]], ids=["no file", "wrong bytes", "too short"])
def test_what_the_mirror_lacks_comes_from_the_address(tmp_path, destination, in_mirror):
    (tmp_path / "mirror/things").mkdir(parents=True)
    if in_mirror is not None:
        (tmp_path / "mirror/things/file.bin").write_bytes(in_mirror)
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, tmp_path / "mirror")
    assert destination.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_misspelt_mirror_is_said_at_once(tmp_path, destination):
    with (
        serving(whole(CONTENT)) as server,
        pytest.raises(SegReproError, match=r"miror: no such folder.*SEGREPRO_MIRROR"),
    ):
        fetch(remote(server.url), "things", destination, tmp_path / "miror")
    assert server.ranges == []


def test_a_right_file_is_kept_and_a_wrong_one_replaced(destination):
    destination.parent.mkdir()
    with serving(whole(CONTENT)) as server:
        destination.write_bytes(OTHER)
        fetch(remote(server.url), "things", destination, None)
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_the_next_address_is_asked_when_one_gives_a_wrong_byte(destination):
    wrong = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with serving(whole(wrong)) as bad, serving(whole(CONTENT)) as good:
        fetch(remote(bad.url, good.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert bad.ranges == good.ranges == [None]


def test_a_redirect_is_followed(destination):
    with serving(whole(CONTENT)) as target, serving(status(302, Location=target.url)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT


# ---- what it says when nothing helps


@pytest.mark.parametrize(
    ("reply", "reason", "requests"),
    [
        (whole(OTHER), f"found sha256 {hashlib.sha256(OTHER).hexdigest()}; expected ", 1),
        (drops(CONTENT + OTHER, after=0), f"found {2 * len(CONTENT)} bytes; expected {len(CONTENT)}", 1),
        (whole(CONTENT[:HALF]), f"found {HALF} bytes; expected {len(CONTENT)}", 1),
        (says_no_length(CONTENT + b"x"), f"found more than {len(CONTENT)} bytes", 1),
        (says_no_length(CONTENT[:HALF]), f"the connection keeps breaking after {HALF} bytes", 4),
        (drops(CONTENT, after=0), "the connection keeps breaking after 0 bytes", 3),
        (status(404), "404 Not Found", 1),
        (status(403), "403 Forbidden", 1),
        (status(500), "500 Internal Server Error", 6),
        (status(503, Retry_After="0"), "503 Service Unavailable", 6),
        (status(204), "answered 204 to a request for the whole file", 1),
        (status(206), "answered 206 to a request for the whole file", 1),
        (status(302, Location="file:///etc/passwd"), "No connection adapters", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_error_names_the_address_and_its_reason_and_leaves_no_file(destination, reply, reason, requests):
    with serving(reply) as server, pytest.raises(SegReproError) as error:
        fetch(remote(server.url), "things", destination, None)
    assert f"{server.url}: {reason}" in str(error.value)
    assert not destination.exists()
    assert len(server.ranges) == requests


def test_the_error_lists_all_places_and_the_next_step(tmp_path, destination):
    (tmp_path / "mirror").mkdir()
    destination.parent.mkdir()
    destination.write_bytes(b"short")
    with serving(status(404)) as server, pytest.raises(SegReproError) as error:
        fetch(remote(server.url, "http://127.0.0.1:9/file"), "things", destination, tmp_path / "mirror")
    message = str(error.value)
    assert f"file.bin ({len(CONTENT)} bytes, sha256 {hashlib.sha256(CONTENT).hexdigest()})" in message
    assert f"  {destination}: found 5 bytes; expected {len(CONTENT)}\n" in message
    assert f"  {tmp_path}/mirror/things/file.bin: no such file\n" in message
    assert f"  {server.url}: 404 Not Found\n" in message
    assert re.search(r"  http://127\.0\.0\.1:9/file: [^\n]{0,99}Connection refused", message)
    assert f"Next step: put it at {destination}" in message
    assert "holds things/file.bin in SEGREPRO_MIRROR" in message


def test_a_file_behind_a_login_tells_how_to_get_it(destination):
    login = Login(account_url="https://example.org/register", instructions="Log in and download file.bin.")
    with pytest.raises(SegReproError, match=r"(?s)Log in and download file\.bin\..*https://example\.org/register"):
        fetch(remote(sha256=None), "things", destination, None, login)


def test_of_a_file_without_published_sha256_the_size_is_checked(destination, capsys):
    destination.parent.mkdir()
    destination.write_bytes(OTHER)
    fetch(remote(sha256=None), "things", destination, None)
    assert "only its size was checked" in capsys.readouterr().err
    destination.write_bytes(OTHER[:-1])
    with pytest.raises(SegReproError, match=f"found {len(OTHER) - 1} bytes; expected {len(OTHER)}"):
        fetch(remote(sha256=None), "things", destination, None)
    assert destination.exists(), "what a person put there is for the person to remove"


def test_a_manifest_cannot_fetch_what_cannot_be_checked():
    with pytest.raises(ValueError, match="needs a sha256, sha1 or md5"):
        remote("http://127.0.0.1/file", sha256=None)


@pytest.mark.parametrize("from_mirror", [True, False])
def test_where_only_an_md5_is_published_it_is_checked(tmp_path, destination, from_mirror):
    known = {"sha256": None, "md5": hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()}
    mirror = tmp_path / "mirror"
    (mirror / "things").mkdir(parents=True)
    with serving(whole(CONTENT)) as good, serving(whole(OTHER)) as bad:
        file = remote(bad.url, **known)
        if from_mirror:
            (mirror / "things" / file.file).write_bytes(OTHER)
        with pytest.raises(SegReproError, match=f"found md5 [0-9a-f]{{32}}; expected {known['md5']}"):
            fetch(file, "things", destination, mirror)
        assert left_behind(destination) == []
        if from_mirror:
            (mirror / "things" / file.file).write_bytes(CONTENT)
        fetch(remote(bad.url if from_mirror else good.url, **known), "things", destination, mirror)
    assert destination.read_bytes() == CONTENT


@pytest.mark.parametrize("estimate", [len(CONTENT) // 3, 2 * len(CONTENT)])
def test_of_a_file_whose_size_nobody_publishes_the_hash_decides(destination, estimate):
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url, bytes=estimate, size_is_approximate=True), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    with serving(says_no_length(OTHER * 20)) as server, pytest.raises(SegReproError, match="found more than"):
        wrong = remote(server.url, bytes=estimate, size_is_approximate=True, sha256="0" * 64)
        fetch(wrong, "things", destination.with_name("other"), None)


def test_a_full_disk_is_said_before_the_first_byte(destination):
    with serving(whole(CONTENT)) as server, pytest.raises(SegReproError, match=r"888PB .* needed, .* free"):
        fetch(remote(server.url, bytes=10**18), "things", destination, None)
    assert server.ranges == []


def test_what_the_archives_of_a_dataset_need_is_said_before_the_first_is_fetched(tmp_path, monkeypatch):
    manifest = loader.dataset("coco_voc")
    folder = tmp_path / "data/downloads/coco_voc"
    free = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: free._replace(free=50 << 30))
    said = "COCO in VOC classes: 3 archives to bring in, 19.0GB .* the extracted files about 38.0GB .*; 50.0GB .* free"
    assert re.fullmatch(said, str(disk.archives_to_come(manifest, folder, tmp_path / "data/coco_voc")))
    folder.mkdir(parents=True)
    (folder / "train2017.zip").touch()
    assert "2 archives to bring in" in str(disk.archives_to_come(manifest, folder, tmp_path / "data/coco_voc"))
    for source in manifest.sources:
        (folder / source.file).touch()
    assert disk.archives_to_come(manifest, folder, tmp_path / "data/coco_voc") is None


def test_the_archives_of_all_datasets_must_fit_together(tmp_path, monkeypatch):
    coco, voc = loader.dataset("coco_voc"), loader.dataset("voc2012")
    free = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: free._replace(free=40 << 30))
    for alone in (coco, voc):
        disk.require_room_for_archives([alone], tmp_path / "data")
    with pytest.raises(SegReproError, match=r"not enough room on the disk: 4\d\.\dGB .* needed, 40\.0GB .* free"):
        disk.require_room_for_archives([coco, voc], tmp_path / "data")
    for source in coco.sources:
        (tmp_path / "data/downloads/coco_voc").mkdir(parents=True, exist_ok=True)
        (tmp_path / "data/downloads/coco_voc" / source.file).touch()
    disk.require_room_for_archives([coco, voc], tmp_path / "data")


def test_datasets_on_two_disks_need_not_fit_on_one(tmp_path, monkeypatch):
    free, other = shutil.disk_usage(tmp_path), Path("/proc")
    assert other.stat().st_dev != tmp_path.stat().st_dev
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: free._replace(free=40 << 30))
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/coco_voc").symlink_to(other)
    disk.require_room_for_archives([loader.dataset("coco_voc"), loader.dataset("voc2012")], tmp_path)


def test_a_full_disk_names_what_may_be_a_link_to_a_larger_one_which_then_counts(tmp_path, monkeypatch):
    free = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: free._replace(free=30 << 30))
    folders = rf"{tmp_path}/downloads/coco_voc or {tmp_path}/coco_voc"
    with pytest.raises(SegReproError, match=rf"put a link to an empty folder on a larger disk at {folders}"):
        disk.require_room_for_archives([loader.dataset("coco_voc")], tmp_path)
    (tmp_path / "coco_voc").symlink_to("/proc")  # another disk
    disk.require_room_for_archives([loader.dataset("coco_voc")], tmp_path)


def test_what_an_interrupted_attempt_brought_needs_no_room_again(tmp_path):
    manifest = loader.dataset("coco_voc")
    source = max(manifest.sources, key=lambda source: source.bytes)
    with (tmp_path / f"{source.file}.part").open("wb") as part:
        part.truncate(source.bytes - 1)  # a hole, which takes no room
    said = "3 archives to bring in, 1.0[0-9]GB .* with the extracted files about 20.[0-9]GB .*;"
    assert re.search(said, str(disk.archives_to_come(manifest, tmp_path, tmp_path / "coco_voc")))
    with (tmp_path / f"{source.file}.part").open("ab") as part:
        part.truncate(2 * source.bytes)  # of a file that the server has changed
    assert re.search(said, str(disk.archives_to_come(manifest, tmp_path, tmp_path / "coco_voc")))


def test_an_endless_answer_is_not_read_to_its_end(destination):
    with serving(says_no_length(CONTENT * 64)) as server, pytest.raises(SegReproError, match="found more than"):
        fetch(remote(server.url), "things", destination, None)
    assert server.hung_up_on
    assert left_behind(destination) == []


def test_a_right_file_is_kept_where_no_lock_can_be_made(request):
    def put_there(folder):
        (folder / "file").write_bytes(CONTENT)

    folder = request.getfixturevalue("disk")("size=2m", fill=put_there)
    fetch(remote(), "things", folder / "file", None)
    with pytest.raises(OSError, match="Read-only file system"):
        fetch(remote(), "things", folder / "another", None)


def test_two_processes_do_not_write_the_same_file(destination):
    destination.parent.mkdir()
    busy = pytest.raises(SegReproError, match="another process is fetching it")
    with FileLock(f"{destination}.lock"), serving(whole(CONTENT)) as server, busy:
        fetch(remote(server.url), "things", destination, None)
    assert server.ranges == []


# ---- an archive that its server packs anew


def test_a_repacked_archive_is_reported_and_kept(destination, capsys):
    with serving(says_no_length(OTHER[:-1000])) as server:
        fetch(remote(server.url, may_be_repacked=True), "things", destination, None)
    assert destination.read_bytes() == OTHER[:-1000]
    assert "was packed anew" in capsys.readouterr().err


@pytest.mark.parametrize("other", [OTHER, OTHER + b"more"], ids=["of the same size", "of another size"])
def test_another_packing_is_taken_only_where_the_manifest_names_it(tmp_path, destination, capsys, other):
    (tmp_path / "mirror/things").mkdir(parents=True)
    (tmp_path / "mirror/things/file.bin").write_bytes(other)
    with pytest.raises(SegReproError) as error:
        fetch(remote(), "things", destination, tmp_path / "mirror")
    said = str(error.value)
    assert "Either it is damaged or another file: then bring it once more. Or its owner has packed it anew" in said
    assert "write what `sha256sum file.bin` says into other_packings of file.bin in its manifest" in said
    assert not destination.exists()
    known = remote(other_packings=[hashlib.sha256(other).hexdigest()])
    fetch(known, "things", destination, tmp_path / "mirror")
    assert destination.read_bytes() == other
    assert "note: file.bin: another packing that the manifest names" in capsys.readouterr().err
    identity.require(known, destination)
    with pytest.raises(SegReproError, match=r"expected .* Or its owner has packed it anew"):
        identity.require(remote(), destination)
    destination.write_bytes(CONTENT)
    identity.require(known, destination)


def test_where_nothing_better_than_a_sha1_is_published_it_is_checked(destination):
    right = hashlib.new("sha1", CONTENT, usedforsecurity=False).hexdigest()
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url, sha256=None, sha1=right), "things", destination, None)
        assert destination.read_bytes() == CONTENT
        with pytest.raises(SegReproError, match=rf"found sha1 {right}; expected {'0' * 40}"):
            fetch(remote(server.url, sha256=None, sha1="0" * 40), "things", destination.with_name("other"), None)


def test_an_error_page_is_no_repacked_archive(destination):
    page = b"<html>Too many requests</html>"
    with serving(whole(page)) as server, pytest.raises(SegReproError, match="found 30 bytes"):
        fetch(remote(server.url, may_be_repacked=True), "things", destination, None)
    assert not destination.exists()


# ---- broken connections


@pytest.mark.parametrize(
    "broken",
    [drops(CONTENT, HALF), stalls(CONTENT, HALF), says_no_length(CONTENT[:HALF])],
    ids=["reset", "stall", "end"],
)
def test_a_broken_connection_is_gone_on_with(destination, broken):
    with serving(broken, whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    first, second = server.ranges
    assert first is None
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= HALF
    assert left_behind(destination) == []


def test_a_later_call_goes_on_with_what_an_earlier_one_left(destination):
    with serving(drops(CONTENT, HALF)) as server, pytest.raises(SegReproError, match="keeps breaking"):
        fetch(remote(server.url), "things", destination, None)
    assert left_behind(destination) == ["file.bin.part"]
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert server.ranges[0].startswith("bytes=")


def test_the_next_address_goes_on_where_the_last_broke_off(destination):
    with serving(drops(CONTENT, HALF)) as first, serving(whole(CONTENT)) as second:
        fetch(remote(first.url, second.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert second.ranges[0].startswith("bytes=")


def test_a_server_in_trouble_for_a_moment_is_asked_again(destination):
    with serving(status(500), status(503), drops(CONTENT, HALF), status(502), whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "stubborn",
    [
        ignores_range(CONTENT),
        status(206),
        status(206, Content_Range=f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}"),
        status(206, Content_Range="bytes what?"),
        status(416),
    ],
    ids=["ignores it", "says no range", "another range", "no sense", "refuses it"],
)
def test_a_server_that_cannot_serve_the_range_is_asked_for_everything(destination, stubborn):
    with serving(drops(CONTENT, HALF), stubborn, whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert server.ranges[2:] in ([], [None])


def test_a_file_that_changes_between_attempts_is_fetched_anew(destination):
    with serving(drops(OTHER, HALF), whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert len(server.ranges) == 3
    assert server.ranges[2] is None


@pytest.mark.parametrize(
    ("leftover", "requests"),
    [
        (OTHER[:HALF], [f"bytes={HALF}-", None]),
        (CONTENT, []),
        (OTHER, [None]),
        (CONTENT + b"x", ["bytes=1048577-", None]),
    ],
    ids=["half, wrong", "all", "all, wrong", "too long"],
)
def test_any_leftover_ends_in_the_right_file(destination, leftover, requests):
    destination.parent.mkdir()
    Path(f"{destination}.part").write_bytes(leftover)
    with serving(whole(CONTENT)) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT
    assert server.ranges == requests


def test_content_is_not_unpacked_on_the_way(destination):
    def reply(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT)

    with serving(reply) as server:
        fetch(remote(server.url), "things", destination, None)
    assert destination.read_bytes() == CONTENT


SMALL, SMALL_OTHER = CONTENT[: 100 << 10], OTHER[: 100 << 10]
cut = st.integers(0, len(SMALL) - 1)
replies = st.lists(
    st.one_of(
        st.builds(drops, st.sampled_from([SMALL, SMALL_OTHER]), cut),
        st.builds(ignores_range, st.just(SMALL), cut),
        st.builds(says_no_length, st.builds(SMALL.__getitem__, st.builds(slice, cut))),
        st.builds(whole, st.sampled_from([SMALL_OTHER, SMALL[:-1], SMALL])),
        st.builds(status, st.sampled_from([206, 403, 404, 416, 500, 503])),
    ),
    max_size=5,
)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(replies=replies)
def test_whatever_a_server_does_there_is_the_right_file_or_none(tmp_path_factory, replies):
    destination = tmp_path_factory.mktemp("any") / "file.bin"
    with serving(*replies, whole(SMALL)) as server:
        try:
            fetch(remote(server.url, content=SMALL), "things", destination, None)
        except SegReproError:
            assert not destination.exists()
        else:
            assert destination.read_bytes() == SMALL


# ---- as a program


def program(manifest, file, out, **environment):
    command = [sys.executable, "workflow/scripts/fetch.py", "--manifest", manifest, "--file", file, "--out", out]
    environment = {k: v for k, v in os.environ.items() if k != "SEGREPRO_MIRROR"} | environment
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def test_a_killed_download_is_gone_on_with(tmp_path, destination):
    part = Path(f"{destination}.part")
    with serving(stalls(CONTENT, HALF), whole(CONTENT)) as server:
        manifest = tmp_path / "checkpoints/things.yaml"
        manifest.parent.mkdir()
        file = remote(server.url).model_dump(mode="json") | {"model": "m", "dataset": "d", "trained_on": "d"}
        facts = {"id": "things", "paper": "p", "family": "f", "source": "s", "licence": "l", "files": [file]}
        manifest.write_text(yaml.safe_dump(facts))

        killed = program(manifest, "file.bin", destination)
        while not (part.exists() and part.stat().st_size >= HALF - (1 << 16)):
            assert killed.poll() is None, killed.stderr.read()
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert not destination.exists()

        again = program(manifest, "file.bin", destination)
        _, bars = again.communicate()
        assert again.returncode == 0, bars
    assert destination.read_bytes() == CONTENT
    assert server.ranges[1].startswith("bytes=")
    assert "fetching file.bin: 100%" in bars, "progress shows although stderr is a pipe"


def test_a_file_that_no_manifest_names_is_not_fetched(tmp_path):
    asked = program("data_manifests/checkpoints/espnet.yaml", "espnet.pth", tmp_path / "espnet.pth")
    _, message = asked.communicate()
    assert asked.returncode == 1
    assert message.startswith(
        "error: data_manifests/checkpoints/espnet.yaml: found no file 'espnet.pth'; expected one of"
    )


def test_the_manifests_agree_with_the_mirror(tmp_path, mirror):
    collections = [*loader.checkpoint_collections().values()]
    assert "espnet" in [c.id for c in collections]
    for collection in collections:
        for file in collection.files:
            if (mirror / collection.id / file.file).exists():
                fetch(file, collection.id, tmp_path / file.file, mirror)
    out = tmp_path / "weights.pth"
    manifest = "data_manifests/checkpoints/espnet.yaml"
    done = program(manifest, "decoder-espnet_p_2_q_3.pth", out, SEGREPRO_MIRROR=str(mirror))
    assert done.wait() == 0, done.stderr.read()
    assert out.stat().st_size == 840008

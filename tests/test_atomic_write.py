"""Files are there as a whole or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from segrepro import atomic as module
from segrepro.atomic import atomic_write


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """No file can grow beyond a number of bytes, as none can on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_file_is_made_with_its_folder_or_replaced(tmp_path: Path) -> None:
    for content in ("first", b"second"):
        atomic_write(tmp_path / "folder/file", content)
    assert files(tmp_path / "folder") == {"file": "second"}


def test_without_room_the_older_file_stays_and_nothing_else(tmp_path: Path) -> None:
    atomic_write(tmp_path / "file", "older")
    with (
        no_room_beyond(1000),
        pytest.raises(OSError, match=r"File too large: .*/file\.partial"),
    ):
        atomic_write(tmp_path / "file", 5000 * "x")
    assert files(tmp_path) == {"file": "older"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(FileExistsError, match="/taken'"):
        atomic_write(tmp_path / "taken/file", "")


def test_interrupted_it_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(part: Path, destination: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "place_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "file", "x")
    assert files(tmp_path) == {}

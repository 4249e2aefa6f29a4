"""What a disk refuses is one message: path, what failed, next step; on real small disks, where one may mount them."""

import errno
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from data_manifests import loader
from mmseg_plugins.runtime.quiet_libraries import quiet_warnings
from segrepro.atomic import atomic_folder, atomic_write
from segrepro.errors import SegReproError
from segrepro.file_lock import file_lock
from segrepro.system_errors import explained, naming
from workflow import command_line
from workflow.data.fetch.disk import archives_to_come
from workflow.data.prepare.links import link

ROOT = Path(__file__).resolve().parents[1]
Mounted = Callable[..., Path]


@pytest.fixture
def message(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a program that does something prints on stderr before it ends with status 1."""

    def of(work: Callable[[], object]) -> str:
        def main() -> None:
            work()

        monkeypatch.setattr(sys, "argv", ["program"])
        with pytest.raises(SystemExit) as ended:
            command_line.run(main)
        assert ended.value.code == 1
        return capsys.readouterr().err

    return of


def program(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / f"workflow/scripts/{name}.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_a_full_disk(disk: Mounted, message: Callable[..., str]) -> None:
    folder = disk("size=64k")
    atomic_write(folder / "older", "older")
    told = message(lambda: atomic_write(folder / "new/file", 100_000 * "x"))
    assert told.startswith(f"error: {folder}/new/file.partial: cannot be written (No space left on device). Make room")
    assert told.count("\n") == 1
    assert sorted(path.name for path in folder.rglob("*")) == ["new", "older"]


def test_a_disk_that_takes_no_more_files(disk: Mounted, message: Callable[..., str]) -> None:
    folder = disk("nr_inodes=3")

    def fill() -> None:
        with atomic_folder(folder / "new") as made:
            for index in range(5):
                (made / str(index)).touch()

    assert f"{folder}/new.partial/1: cannot be written (No space left on device)" in message(fill)
    assert not list(folder.iterdir())


def test_a_disk_that_can_only_be_read(disk: Mounted, message: Callable[..., str]) -> None:
    folder = disk("size=1m", fill=lambda folder: (folder / "run").mkdir())
    told = message(lambda: atomic_write(folder / "run/file", "x"))
    assert f"{folder}/run/file.partial: cannot be written (Read-only file system). This disk can only be read" in told

    def hold() -> None:
        with file_lock(folder / "run/lock", "held"):
            pass

    assert f"{folder}/run/lock: cannot be written (Read-only file system)" in message(hold)


def test_a_program_on_a_full_disk_says_so_in_one_line(disk: Mounted) -> None:
    folder = disk("size=8k")
    ended = program("export_schemas", "--out", folder / "json")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {folder}/json/")
    assert "No space left on device" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_file_that_grew_too_large_is_named(tmp_path: Path, message: Callable[..., str]) -> None:
    """Where nothing can be mounted: no file can grow beyond a limit, as on a file system of small files."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as refused:
            atomic_write(tmp_path / "file", 5000 * "x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(explained(refused.value)).startswith(f"{tmp_path}/file.partial: cannot be written (File too large). ")


@pytest.mark.parametrize(
    ("number", "next_step"),
    [
        (errno.EDQUOT, "Your quota is used up"),
        (errno.EACCES, "Give this user the right"),
        (errno.EIO, "Check the disk"),
        (errno.ENOLCK, "choose a folder on another disk"),
        (errno.EDOM, "Put that right"),
    ],
)
def test_each_kind_has_its_next_step(number: int, next_step: str) -> None:
    assert next_step in str(explained(OSError(number, os.strerror(number), "there")))
    assert next_step in str(explained(OSError(number, os.strerror(number))))


def test_both_paths_of_a_move_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as refused:
        (tmp_path / "a").rename(tmp_path / "b")
    assert f"{tmp_path}/a -> {tmp_path}/b: cannot be opened" in str(explained(refused.value))


def test_a_link_to_nothing_is_named_with_its_target(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "data").symlink_to("/not/mounted")
    for work in (
        lambda: atomic_write(tmp_path / "data/streets/file", ""),
        lambda: (tmp_path / "data/file").read_text(),
        lambda: (tmp_path / "data").mkdir(exist_ok=True),
    ):
        told = message(work)
        assert told.startswith(f"error: {tmp_path}/data: found a link to /not/mounted, where nothing is; expected")


def test_a_plan_says_that_the_way_to_the_archives_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("/not/mounted")
    with pytest.raises(SegReproError, match="found a link to /not/mounted"):
        archives_to_come(loader.dataset("camvid"), tmp_path / "data/downloads/camvid", tmp_path / "data/camvid")


def test_a_compiler_without_room_for_its_files_is_no_measurement() -> None:
    from torch._dynamo.exc import BackendCompilerFailed

    from mmseg_plugins.profiling.failures import failure_of

    failed = [BackendCompilerFailed("inductor", OSError(number, ""), None) for number in (errno.ENOSPC, errno.ENOEXEC)]
    with pytest.raises(OSError, match="28"):
        failure_of(failed[0])
    assert failure_of(failed[1]) == "torch.compile failed: OSError"


def test_links_in_a_circle_and_names_too_long(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert f"{tmp_path}/a: found a link to b" in message(lambda: (tmp_path / "a/file").read_text())
    assert "(File name too long). Choose a shorter path" in message(lambda: atomic_write(tmp_path / (300 * "x"), ""))


def test_a_path_that_an_error_has_is_kept(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="inner"), naming(tmp_path / "outer"):
        raise OSError(errno.EIO, "broken", "inner")


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(sys, "argv", ["program"])
    with pytest.raises(ValueError, match="a defect"):
        command_line.run(main)


def test_an_error_of_a_process_that_loads_data_comes_without_its_traceback(message: Callable[..., str]) -> None:
    import torch
    from torch.utils.data import DataLoader, Dataset

    class Broken(Dataset[torch.Tensor]):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> torch.Tensor:
            raise SegReproError("image.png: cannot be read.\nPrepare it again")

    told = message(lambda: list(DataLoader(Broken(), num_workers=1)))
    assert told == "error: image.png: cannot be read.\nPrepare it again\n"


@pytest.mark.parametrize("relative", [True, False])
def test_a_disk_without_links_gets_copies_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], relative: bool
) -> None:
    def refused(path: Path, target: str, target_is_directory: bool = False) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", target, None, str(path))

    (tmp_path / "there/folder").mkdir(parents=True)
    (tmp_path / "there/folder/file").write_text("inside")
    (tmp_path / "there/file").write_text("alone")
    (tmp_path / "made").mkdir()
    monkeypatch.setattr(Path, "symlink_to", refused)
    link({tmp_path / "made" / name: tmp_path / "there" / name for name in ("folder", "file")}, relative=relative)
    assert (tmp_path / "made/folder/file").read_text() == "inside"
    assert (tmp_path / "made/file").read_text() == "alone"
    assert capsys.readouterr().err.count("no symbolic links") == 1


def test_links_are_made_again_where_they_point_to_nothing_and_hold_when_moved(tmp_path: Path) -> None:
    (tmp_path / "a/made").mkdir(parents=True)
    (tmp_path / "a/file").write_text("x")
    (tmp_path / "a/made/file").symlink_to("nowhere")
    link({tmp_path / "a/made/file": tmp_path / "a/file"}, relative=True)
    (tmp_path / "a").rename(tmp_path / "b")
    assert (tmp_path / "b/made/file").read_text() == "x"


def test_only_the_libraries_own_warnings_are_left_out() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with quiet_warnings():
            for module in (
                "mmcv.cnn.bricks.transformer",
                "mmseg.models",
                "mmengine",
                "mmseg_plugins.networks",
                "numpy",
            ):
                warnings.warn_explicit(module, UserWarning, "file.py", 1, module=module)
            warnings.warn_explicit("old", DeprecationWarning, "file.py", 2, module="mmseg")
    assert [str(warning.message) for warning in shown] == ["mmseg_plugins.networks", "numpy", "old"]


@pytest.mark.slow
def test_the_first_words_of_a_program_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    names = sorted(file.stem for file in (ROOT / "workflow/scripts").glob("[!_]*.py"))
    with ThreadPool(2) as two_at_a_time:
        ended = two_at_a_time.map(lambda name: program(name, "--help"), names)
    assert {name: found.stderr for name, found in zip(names, ended, strict=True) if found.stderr} == {}
    for name, found in zip(names, ended, strict=True):
        assert found.stdout.strip().startswith(f"Usage: {name}.py")


@pytest.mark.slow
def test_a_program_at_work_lets_no_library_speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    config = ROOT / "mmseg_plugins/configs/synthcity/espnet_p2q8.py"
    run = ("--dataset", "synthcity", "--model", "espnet_p2q8", "--route", "untrained")
    ended = program("profile_model", "--config", config, *run, "--out", tmp_path / "profile.json")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_training_says_nothing_but_its_own_words_from_the_first_line_on(tmp_path: Path) -> None:
    """Its config imports what prints while it is imported."""
    config = ROOT / "mmseg_plugins/configs/cityscapes/shelfnet18_lw.py"
    files = [
        str(part) for name in ("verified", "work-dir", "out", "evidence") for part in (f"--{name}", tmp_path / name)
    ]
    run = ("--dataset", "cityscapes", "--model", "shelfnet18_lw", *files)
    ended = subprocess.run(
        [sys.executable, ROOT / "workflow/scripts/train.py", "--config", config, *run],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(
        f"error: {config}: train_dataloader.dataset.dataset.data_root: found data/cityscapes"
    )
    assert ended.stderr.count("\n") == 1

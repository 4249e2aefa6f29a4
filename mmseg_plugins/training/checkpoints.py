"""The checkpoints of a training."""

import zipfile
from collections.abc import Callable
from pathlib import Path


def newest_whole_checkpoint(folder: Path, warn: Callable[[str], None]) -> Path | None:
    """Finds the checkpoint to resume from.

    Args:
        folder: holds `iter_<n>.pth` files as MMEngine's `CheckpointHook` writes them.
        warn: called with one message for every damaged checkpoint that is skipped.

    Returns:
        The file with the largest n that is not damaged, or None.
    """
    for path in reversed(checkpoints(folder)):
        if is_whole(path):
            return path
        warn(f"{path}: damaged (was the machine stopped while writing it?); falling back to the previous checkpoint")
    return None


def checkpoints(folder: Path) -> list[Path]:
    """Lists the checkpoint files of a folder, the oldest first."""
    return sorted(folder.glob("iter_*.pth"), key=_iteration)


def _iteration(path: Path) -> int:
    return int(path.stem.removeprefix("iter_"))


def is_whole(path: Path) -> bool:
    """Whether a file that PyTorch saved is undamaged, by its own checksums."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, EOFError):
        return False

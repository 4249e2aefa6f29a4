"""Files that desktops and file systems leave in any folder: never data."""

from pathlib import Path, PurePath

_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "__macosx", "lost+found", ".spotlight-v100", ".trashes"})


def is_clutter(path: str | PurePath) -> bool:
    """Whether a path, or a folder on its way, is what macOS, Windows or a fresh disk put there, such as `._a.png`."""
    return any(part.startswith("._") or part.lower() in _NAMES for part in PurePath(path).parts)


def matching(folder: Path, pattern: str) -> list[Path]:
    """The paths below a folder that a glob pattern finds, sorted, without such files."""
    return sorted(path for path in folder.glob(pattern) if not is_clutter(path.relative_to(folder)))


def content_of(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, without such files."""
    return sorted(path for path in folder.iterdir() if not is_clutter(path.name))

"""Writing a file that is never seen half-written."""

from pathlib import Path

from workflow.data.atomic import place_file


def atomic_write(path: Path, content: bytes | str) -> None:
    """Writes a file under another name beside it, then renames it; makes its folder.

    Args:
        path: the file; one that is there already is replaced.
        content: its bytes, or text that is encoded as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.partial")
    temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    place_file(temporary, path)

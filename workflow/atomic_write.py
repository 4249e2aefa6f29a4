"""Writing a file that is never seen half-written."""

from pathlib import Path

from data_manifests.errors import SegReproError
from workflow.data.atomic import place_file


def atomic_write(path: Path, content: bytes | str) -> None:
    """Writes a file under another name beside it, then renames it; makes its folder.

    Args:
        path: the file; one that is there already is replaced.
        content: its bytes, or text that is encoded as UTF-8.

    Raises:
        SegReproError: it cannot be written, as on a full disk; nothing new is there then, and an older file still is.
    """
    temporary = path.with_name(f"{path.name}.partial")
    encoded = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(encoded)
            place_file(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SegReproError(
            f"{path}: cannot be written ({error.strerror}); expected a folder that may be written to, with room for "
            f"{len(encoded)} bytes. Make room or allow it, then start the same command again"
        ) from error

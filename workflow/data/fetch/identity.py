"""Whether a file is the one that its manifest names."""

import sys
from pathlib import Path

from segrepro.errors import SegReproError
from data_manifests.schemas.base import RemoteFile
from segrepro.hashes import hash_of_file

# Another compressor or level changes the size by a few percent; an error page differs by more.
_REPACKING_CHANGES_AT_MOST = 0.1
# Beyond this an answer is no file that somebody estimated, but one without an end.
_ESTIMATE_FALLS_SHORT_AT_MOST = 4


def algorithm(remote: RemoteFile) -> str:
    """The hash that the file is compared by: md5 where nothing better is published."""
    return "md5" if remote.sha256 is None and remote.md5 is not None else "sha256"


def sizes(remote: RemoteFile) -> range:
    """The sizes in bytes that the file may have."""
    if remote.size_is_approximate:
        return range(1, _ESTIMATE_FALLS_SHORT_AT_MOST * remote.bytes + 1)
    slack = int(remote.bytes * _REPACKING_CHANGES_AT_MOST) if remote.may_be_repacked else 0
    return range(remote.bytes - slack, remote.bytes + slack + 1)


def difference(remote: RemoteFile, size: int, digest: str | None) -> str | None:
    """Says how a file differs from what the manifest names.

    Args:
        remote: the file as the manifest names it.
        size: found size in bytes.
        digest: found hash by the file's `algorithm`; None where the manifest has none to compare with.

    Returns:
        What was found and what was expected; None if it is the file. What is tolerated or cannot be checked is printed.
    """
    if size not in sizes(remote):
        return f"found {size} bytes; expected {remote.bytes}"
    expected = remote.sha256 or remote.md5
    if expected is None:
        checked = "nothing was checked" if remote.size_is_approximate else "only its size was checked"
        print(f"note: {remote.file}: its owner publishes no sha256, {checked}", file=sys.stderr)
    elif digest != expected:
        if not remote.may_be_repacked:
            return f"found {algorithm(remote)} {digest}; expected {expected}"
        print(
            f"note: {remote.file} was packed anew (sha256 {digest}, in the manifest {remote.sha256});"
            " every file inside is checked when it is prepared",
            file=sys.stderr,
        )
    return None


def file_difference(remote: RemoteFile, path: Path) -> str | None:
    """Says how the file at `path` differs from what the manifest names; None if it is the file."""
    size = path.stat().st_size
    # A wrong size says enough; large files take a while to hash.
    hashed = (remote.sha256 or remote.md5) is not None and size in sizes(remote)
    return difference(remote, size, hash_of_file(path, algorithm(remote), with_progress=True) if hashed else None)


def require(remote: RemoteFile, path: Path) -> None:
    """Checks a file before it is used.

    Raises:
        SegReproError: it is missing, or not what the manifest names.
    """
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; fetch it first (workflow/scripts/fetch.py)")
    reason = file_difference(remote, path)
    if reason is not None:
        raise SegReproError(f"{path}: {reason}; remove it and fetch it again (workflow/scripts/fetch.py)")

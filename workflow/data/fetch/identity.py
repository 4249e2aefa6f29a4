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
    """The hash that the file is compared by: the best that is published, sha256 where none is."""
    return remote.digest[0] if remote.digest else "sha256"


def sizes(remote: RemoteFile) -> range:
    """The sizes in bytes that the file may have."""
    if remote.size_is_approximate:
        return range(1, _ESTIMATE_FALLS_SHORT_AT_MOST * remote.bytes + 1)
    repacked = remote.may_be_repacked or remote.other_packings
    slack = int(remote.bytes * _REPACKING_CHANGES_AT_MOST) if repacked else 0
    return range(remote.bytes - slack, remote.bytes + slack + 1)


def difference(remote: RemoteFile, path: Path, digest: str | None) -> str | None:
    """Says how a file differs from what the manifest names.

    Args:
        remote: the file as the manifest names it.
        path: the file that was found.
        digest: its hash by `algorithm`; None where the manifest has none to compare with, or its size is wrong.

    Returns:
        What was found and what was expected; None if it is the file. What is tolerated or cannot be checked is printed.
    """
    size = path.stat().st_size
    if size not in sizes(remote):
        return f"found {size} bytes; expected {remote.bytes}"
    if remote.digest is None:
        checked = "nothing was checked" if remote.size_is_approximate else "only its size was checked"
        print(f"note: {remote.file}: its owner publishes no sha256, {checked}", file=sys.stderr)
        return None
    if digest == remote.digest[1]:
        return None
    if remote.may_be_repacked:
        print(
            f"note: {remote.file} was packed anew (sha256 {digest}, in the manifest {remote.sha256});"
            " every file inside is checked when it is prepared",
            file=sys.stderr,
        )
        return None
    if remote.other_packings and hash_of_file(path, with_progress=True) in remote.other_packings:
        print(f"note: {remote.file}: another packing that the manifest names; what it holds is verified", file=sys.stderr)
        return None
    return f"found {algorithm(remote)} {digest}; expected {remote.digest[1]}"


def either(remote: RemoteFile) -> str:
    """What a difference may mean, and what to do in each case."""
    return (
        "Either it is damaged or another file: then bring it once more. Or its owner has packed it anew: if you know that, "
        f"write what `sha256sum {remote.file}` says into other_packings of {remote.file} in its manifest under "
        "data_manifests, and run the command again; the files inside are verified all the same"
    )


def file_difference(remote: RemoteFile, path: Path) -> str | None:
    """Says how the file at `path` differs from what the manifest names; None if it is the file."""
    # A wrong size says enough; large files take a while to hash.
    hashed = remote.digest is not None and path.stat().st_size in sizes(remote)
    return difference(remote, path, hash_of_file(path, algorithm(remote), with_progress=True) if hashed else None)


def require(remote: RemoteFile, path: Path) -> None:
    """Checks a file before it is used.

    Raises:
        SegReproError: it is missing, or not what the manifest names.
    """
    if not path.is_file():
        raise SegReproError(f"{path}: no such file; fetch it first (workflow/scripts/fetch.py)")
    reason = file_difference(remote, path)
    if reason is not None:
        raise SegReproError(
            f"{path}: {reason}. {either(remote)}. To bring it once more, remove it and fetch it again "
            "(workflow/scripts/fetch.py)"
        )

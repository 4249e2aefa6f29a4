"""Lists of checksums beside manifests, as `sha256sum` writes them."""

from collections.abc import Mapping
from pathlib import Path

from data_manifests import loader
from data_manifests.schemas.dataset import Dataset
from segrepro.errors import SegReproError


def listed_for(manifest: Dataset) -> dict[str, str] | None:
    """The list of checksums beside a manifest, by path in the prepared dataset; None if the manifest has none."""
    return read_list(loader.ROOT / "datasets" / manifest.checksums) if manifest.checksums else None


def read_list(path: Path) -> dict[str, str]:
    """Reads a list in the format of `sha256sum`.

    Returns:
        From path, as listed, to sha256.

    Raises:
        SegReproError: a line is no checksum followed by a path.
    """
    listed = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if len(digest) != 64 or not separator or not name:
            raise SegReproError(f"{path}, line {number}: found {line!r}; expected: sha256, two spaces, path")
        listed[name] = digest
    return listed


def format_list(digests: Mapping[str, str]) -> str:
    """The list that `sha256sum -c` reads, sorted by path."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))

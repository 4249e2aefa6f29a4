"""What the weights of a network that is not trained here were made from."""

from pathlib import Path

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Origin
from mmseg_plugins.runtime.computing_code import Part, code_sha256, config_files_sha256
from segrepro.hashes import hash_of_file


def write_origin(weights: Path, config: Path, part: Part, source: Path | None = None) -> None:
    """Writes `weights.json` beside the weights.

    Args:
        weights: the file that was made.
        config: of its network.
        part: which code made it.
        source: the authors' file that it was made from, if any.
    """
    origin = Origin(
        config_files_sha256=config_files_sha256([config]),
        code_sha256=code_sha256([config], part),
        source_sha256=None if source is None else hash_of_file(source),
        weights_sha256=hash_of_file(weights),
    )
    evidence_file.write(weights.with_suffix(".json"), origin)

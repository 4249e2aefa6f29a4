"""Turns a weight file that a paper's authors published into weights of the suite's network."""

import importlib
import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from data_manifests import loader
from data_manifests.schemas.checkpoint import Checkpoint, CheckpointCollection, PlacedCheckpoint
from mmseg_plugins.runtime.computing_code import CONVERSION
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from workflow import options
from workflow.command_line import run
from workflow.write_origin import write_origin

with quiet_libraries():
    from mmseg_plugins.networks.dataset_meta import dataset_meta
    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.networks.official_weights import from_official, read_official
    from mmseg_plugins.networks.training_only import without_absent_parts
    from mmseg_plugins.training.weights import save_weights

CONFIGS = Path(__file__).resolve().parents[2] / "mmseg_plugins" / "configs"


def main(
    model: options.Model,
    checkpoint: Annotated[Path, Option(help="the authors' file, as data_manifests/checkpoints lists it")],
    out: Annotated[Path, options.file_to_write("weights.pth to write, in MMSegmentation's key names")],
) -> None:
    """Turns a weight file that a paper's authors published into weights of the suite's network.

    The file is known by its sha256, whatever its name; one that was placed by hand and has no sha256 in the manifests
    by the names of its folder and itself. It is read as data, never as code, and must fit entry by entry.
    """
    collection, published = _published(checkpoint, model)
    config = CONFIGS / published.dataset / f"{model}.py"
    network = build_network(read_config(config))
    key_map = importlib.import_module(f"mmseg_plugins.networks.{collection.family}.key_map")
    official, names = read_official(checkpoint), key_map.official_names(network.state_dict())
    ours = [name for name, theirs in names.items() if theirs in official]
    expected = without_absent_parts(network.state_dict(), network, ours)
    # Through the network, so that precision and memory layout are its own.
    network.load_state_dict(from_official(official, expected, names, str(checkpoint)), strict=False)
    label_set = loader.label_set_of(published.dataset)
    converted = {name: value for name, value in network.state_dict().items() if name in expected}
    save_weights(converted, out, dataset_meta(network, label_set))
    write_origin(out, config, CONVERSION, checkpoint)


def _published(checkpoint: Path, model: str) -> tuple[CheckpointCollection, Checkpoint | PlacedCheckpoint]:
    """Finds the manifests' entry of a file, and checks that it is for the model."""
    if not checkpoint.is_file():
        raise SegReproError(f"{checkpoint}: no such file; bring it in with workflow/scripts/fetch.py")
    digest = hash_of_file(checkpoint)
    known = [(c, file) for c in loader.checkpoint_collections().values() for file in c.published]
    found = [(c, file) for c, file in known if file.sha256 == digest]
    if not found:
        names = (checkpoint.parent.name, checkpoint.name)
        found = [(c, file) for c, file in known if file.sha256 is None and (c.id, file.file) == names]
        if found:
            print(f"note: {checkpoint}: sha256 {digest}; the manifest has none to compare it with", file=sys.stderr)
    if not found:
        listed = "\n".join(f"  {c.id}/{file.file} for {file.model} on {file.dataset}" for c, file in known)
        raise SegReproError(
            f"{checkpoint}: sha256: found {digest}; expected that of a file in data_manifests/checkpoints:\n{listed}\n"
            "Fetch the file again, or add it to a manifest"
        )
    for collection, file in found:
        if file.model == model:
            return collection, file
    fitting = ", ".join(file.model for _, file in found)
    raise SegReproError(f"{checkpoint}: --model: found {model}; expected {fitting}, which this file was published for")


if __name__ == "__main__":
    run(main)

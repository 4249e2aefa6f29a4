"""Writes the weights that training with a config and a seed starts from: the untrained network."""

from pathlib import Path
from typing import Annotated

from data_manifests import loader
from mmseg_plugins.runtime.computing_code import INITIALISATION
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from workflow import options
from workflow.command_line import run
from workflow.write_origin import write_origin

with quiet_libraries():
    from mmseg_plugins.networks.dataset_meta import dataset_meta
    from mmseg_plugins.training.initial_model import initial_model
    from mmseg_plugins.training.weights import save_weights


def main(
    config: options.Config,
    dataset: options.Dataset,
    out: Annotated[Path, options.file_to_write("weights.pth to write")],
    seed: options.Seed = 0,
) -> None:
    """Writes the weights that training with a config and a seed starts from: the untrained network."""
    with quiet_libraries():
        network = initial_model(read_config(config), seed)
        label_set = loader.label_set_of(dataset)
        save_weights(network.state_dict(), out, dataset_meta(network, label_set))
    write_origin(out, config, INITIALISATION)


if __name__ == "__main__":
    run(main)

"""Counts parameters, operations and memory of a config's network; needs neither data nor weights."""

from pathlib import Path
from typing import Annotated

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Run
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.profiling.counted_structure import counted_structure


def main(
    config: options.Config,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    out: Annotated[Path, options.file_to_write("profile.json to write")],
    seed: options.Seed = 0,
) -> None:
    """Counts parameters, operations and memory of a config's network; needs neither data nor weights.

    Input sizes are that of the dataset's images, where they have one size, and 1024x512.
    """
    named = Run(model=model, dataset=dataset, route=route, seed=seed)
    with quiet_libraries():
        profile = counted_structure(read_config(config), named)
    evidence_file.write(out, profile)


if __name__ == "__main__":
    run(main)

"""Measures how fast a config's network is on this machine, and how much memory it takes; needs no data, no weights."""

from pathlib import Path
from typing import Annotated

from data_manifests import evidence_file
from data_manifests.schemas.evidence import Run
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.machine import network_runs
from workflow import options
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.profiling.measured_efficiency import measured_efficiency


def main(
    config: options.Config,
    dataset: options.Dataset,
    model: options.Model,
    route: options.Route,
    out: Annotated[Path, options.file_to_write("efficiency.json to write")],
    seed: options.Seed = 0,
    device: options.Device = None,
    seconds: options.Seconds = 60,
) -> None:
    """Measures how fast a config's network is on this machine, and how much memory it takes.

    Input sizes are the one that the test pipeline feeds, those that papers time this network at, and 1024x512. Needs no
    data, no weights, and a machine that does nothing else meanwhile.
    """
    chosen = choose_device(device)
    settings = read_config(config)
    named = Run(model=model, dataset=dataset, route=route, seed=seed)
    with network_runs(alone=True), quiet_libraries():
        efficiency = measured_efficiency(settings, named, chosen, seconds)
    evidence_file.write(out, efficiency)


if __name__ == "__main__":
    run(main)

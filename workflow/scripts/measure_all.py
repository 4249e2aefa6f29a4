"""Measures speed and memory of the networks of all pages, one after the other, for as long as there is time."""

from pathlib import Path
from time import monotonic
from typing import Annotated

from tqdm import tqdm
from typer import Option

from data_manifests import evidence_file, loader
from mmseg_plugins.runtime.device import choose_device
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.machine import network_runs
from workflow import options, outdated, plan
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.profiling.measured_efficiency import measured_efficiency, sizes, ways

LONGEST = 60.0
"""Limit in seconds for the latency of one size, precision and mode: what `measure_efficiency.py` takes by default."""
SHORTEST = 5.0
"""The same at least: with too little time for all, some networks are measured well and the others later."""
OTHER_WORK = 0.5
"""Share of a network's time that its latencies may take; the rest is throughput, compilation and warm-up."""


def main(
    minutes: Annotated[float, Option(help="how long it may take", min=0)] = 120,
    suite: options.Suite = Path("config/suite.yaml"),
    device: options.Device = None,
) -> None:
    """Measures speed and memory of the networks of all pages, one after the other, for as long as there is time.

    Writes the same files as `measure_efficiency.py` does for each network: `results/<dataset>/<model>/<route>/
    seed<k>/efficiency.json`. Those that are there and still hold are left alone, so the same command goes on where it
    stopped. What is left of the time is shared among the networks that are left, down to some seconds for each latency.
    Needs no data, no weights, and a machine that does nothing else meanwhile.
    """
    chosen = choose_device(device)
    end = monotonic() + 60 * minutes
    reports = loader.suite(suite).reports.values()
    planned = dict.fromkeys(profiled for page in reports for profiled in plan.profiled_runs(page))
    results = outdated.Results()
    left = [named for named in planned if results.cost(outdated.Run(**named.model_dump()), "efficiency") is not None]
    with network_runs(alone=True), tqdm(left, desc="measuring networks", unit="network", dynamic_ncols=True) as bar:
        for done, named in enumerate(bar):
            if (remaining := end - monotonic()) <= 0:
                bar.write(f"The time is up; networks that are left: {len(left) - done}. The same command goes on.")
                break
            settings = read_config(Path(f"mmseg_plugins/configs/{named.dataset}/{named.model}.py"))
            timed_sizes = sizes(settings, loader.dataset(named.dataset).image_size, named.model)
            latencies = sum(len(ways(size, chosen)) for size in timed_sizes)
            share = OTHER_WORK * remaining / (len(left) - done) / latencies
            seconds = min(max(share, SHORTEST), LONGEST)
            with quiet_libraries():
                efficiency = measured_efficiency(settings, named, chosen, seconds)
            evidence_file.write(Path(plan.RUN.format(**named.model_dump()), "efficiency.json"), efficiency)


if __name__ == "__main__":
    run(main)

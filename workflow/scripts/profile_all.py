"""Counts parameters, operations and memory of the networks of all pages, or of one, in one process."""

from pathlib import Path
from typing import Annotated

from tqdm import tqdm
from typer import Option

from data_manifests import evidence_file, loader
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.errors import SegReproError
from workflow import options, plan
from workflow.command_line import run

with quiet_libraries():
    from mmseg_plugins.profiling.counted_structure import counted_structure


def main(
    suite: options.Suite = Path("config/suite.yaml"),
    report: Annotated[str | None, Option(help="one of its reports; by default all")] = None,
) -> None:
    """Counts parameters, operations and memory of the networks of all pages, or of one, in one process.

    Writes the same files as `profile_model.py` writes for each network: `results/<dataset>/<model>/<route>/
    seed<k>/profile.json`. Neither data nor weights are needed.
    """
    reports = loader.suite(suite).reports
    if report is not None and report not in reports:
        raise SegReproError(f"--report: found {report!r}; expected one of: {', '.join(sorted(reports))}")
    chosen = reports.values() if report is None else [reports[report]]
    runs = dict.fromkeys(profiled for page in chosen for profiled in plan.profiled_runs(page))
    for named in tqdm(runs, desc="counting networks", unit="network", dynamic_ncols=True):
        config = read_config(Path(f"mmseg_plugins/configs/{named.dataset}/{named.model}.py"))
        with quiet_libraries():
            profile = counted_structure(config, named)
        evidence_file.write(Path(plan.RUN.format(**named.model_dump()), "profile.json"), profile)


if __name__ == "__main__":
    run(main)

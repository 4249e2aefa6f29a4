"""Follows an image through the networks that stand for the papers' own, for the drawings on the papers' pages."""

from pathlib import Path
from typing import Annotated

from tqdm import tqdm

from data_manifests import loader
from data_manifests.schemas.data_path import DataPath
from mmseg_plugins.runtime.computing_code import COST, code_sha256, config_files_sha256
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_write
from workflow import options
from workflow.command_line import run
from workflow.data_paths import FOLDER, configs_of_papers

with quiet_libraries():
    from mmseg_plugins.networks.network import build_network
    from mmseg_plugins.profiling.data_path import data_path


def main(
    suite: options.Suite = Path("config/suite.yaml"),
    out: Annotated[Path, options.folder_to_write("folder for <model>.json")] = FOLDER,
) -> None:
    """Follows an image through the networks that stand for the papers' own, for the drawings on the papers' pages."""
    configs = configs_of_papers(loader.suite(suite), loader.claims())
    for config in tqdm(configs, desc="following networks", unit="network", dynamic_ncols=True):
        with quiet_libraries():
            stages = data_path(build_network(read_config(config)))
        followed = DataPath(
            dataset=config.parent.name,
            model=config.stem,
            config_files_sha256=config_files_sha256([config]),
            code_sha256=code_sha256([config], COST),
            stages=stages,
        )
        atomic_write(out / f"{config.stem}.json", followed.model_dump_json(indent=1) + "\n")


if __name__ == "__main__":
    run(main)

"""Which networks the papers' pages draw, and which of the committed paths are those of the code as it is."""

from collections.abc import Iterable
from pathlib import Path

from data_manifests import loader
from data_manifests.schemas.claim import Claim
from data_manifests.schemas.data_path import DataPath
from data_manifests.schemas.suite import Suite
from mmseg_plugins.runtime.computing_code import COST, code_sha256, config_files_sha256

FOLDER = Path("reports/data_paths")
CONFIGS = Path("mmseg_plugins/configs")


def configs_of_papers(suite: Suite, claims: Iterable[Claim]) -> list[Path]:
    """The config of each network that stands for a paper's own, for the first page that has it."""
    own = dict.fromkeys(
        network for claim in claims if claim.own for network in (*filter(None, [claim.variant]), *claim.candidates)
    )
    planned = {run.model: report.dataset for report in reversed(suite.reports.values()) for run in report.runs}
    return [CONFIGS / planned[network] / f"{network}.py" for network in own if network in planned]


def current_paths(folder: Path = FOLDER) -> dict[str, DataPath]:
    """Reads the paths of a folder, by network; those of another config or other code than there is now are left out."""
    found = [loader.read(file, DataPath) for file in sorted(folder.glob("*.json"))]
    return {path.model: path for path in found if _is_current(path)}


def _is_current(path: DataPath) -> bool:
    config = CONFIGS / path.dataset / f"{path.model}.py"
    if not config.is_file():
        return False
    made_from = (path.config_files_sha256, path.code_sha256)
    return made_from == (config_files_sha256([config]), code_sha256([config], COST))

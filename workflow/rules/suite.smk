# The suite file, checked before the first job, and what all stages share.

import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.0")

# Snakemake runs from an environment that need not be activated: its Python must be the one the rules find. A prefix of
# one's own takes the place of Snakemake's strict mode, so that is said here too; a program piped to `tee` may fail.
# MMCV warns at every import that it has no compiled operators, which no network of the suite needs; MMSegmentation that
# losses average over void pixels too, which is a factor near one (its other choice fails with class weights).
QUIET = "ignore::UserWarning:mmcv.cnn.bricks.transformer,ignore::UserWarning:mmseg.models.losses.cross_entropy_loss"
shell.prefix(
    f'set -euo pipefail; export PATH="{Path(sys.executable).parent}:$PATH" PYTHONWARNINGS={QUIET}; '
)

from data_manifests import loader
from segrepro.errors import SegReproError
from data_manifests.schemas.suite import Suite
from workflow.config_files import base_files, load_from

try:
    SUITE = loader.with_reports(
        loader.validate(config, Suite, "config/suite.yaml (with --config)"), Path("config/reports")
    )
    CHECKPOINTS = loader.checkpoint_collections()
    _in_file = loader.suite(Path("config/suite.yaml"))
    for _field in Suite.model_fields.keys() - {"stages", "mirror", "keep_archives"}:
        if getattr(SUITE, _field) != getattr(_in_file, _field):
            raise SegReproError(
                f"--config: {_field}: found another value than in config/suite.yaml; expected stages, mirror or"
                " keep_archives, as pages take all else from the file alone. Change it there"
            )
except SegReproError as error:
    raise WorkflowError(str(error)) from None

wildcard_constraints:
    dataset=r"[a-z0-9_-]+",
    model=r"[a-z0-9_-]+",
    route="official|retrained|untrained",
    seed=r"\d+",

# What a job that runs a network asks for; Snakemake gives it no more than `--cores`. Such jobs run one at a time, so
# fewer would leave cores idle; on a cluster more would wait for a whole node.
TORCH_THREADS = 8

RUN = "results/{dataset}/{model}/{route}/seed{seed}"
_mirror = os.environ.get("SEGREPRO_MIRROR") or SUITE.mirror
MIRROR = Path(_mirror) if _mirror else None
MIRROR_OPTION = f"--mirror {shlex.quote(_mirror)}" if _mirror else ""
if _mirror:
    # For ImageNet weights, which a config asks for while its network is initialised.
    os.environ["SEGREPRO_MIRROR"] = _mirror


def config_files(wildcards):
    """The config of a model on a dataset, followed by the files that it is composed of."""
    return base_files(Path(f"mmseg_plugins/configs/{wildcards.dataset}/{wildcards.model}.py"))


def comparisons_of(stage):
    """A pattern of the ids of the comparisons that a stage makes, which never matches where it makes none."""
    planned = [comparison for report in SUITE.reports.values() for comparison in report.comparisons]
    return "|".join(comparison.id for comparison in planned if comparison.stage == stage) or "(?!)"


def planned_comparison(wildcards):
    """A comparison as the suite plans it, and the report that it belongs to."""
    for report in SUITE.reports.values():
        for comparison in report.comparisons:
            if (report.dataset, comparison.id) == (wildcards.dataset, wildcards.comparison):
                return comparison, report
    raise WorkflowError(f"config: no report on {wildcards.dataset} plans the comparison {wildcards.comparison!r}")


def dataset(wildcards):
    """The manifest of the dataset in the wildcards."""
    try:
        return loader.dataset(wildcards.dataset)
    except SegReproError as error:
        raise WorkflowError(str(error)) from None

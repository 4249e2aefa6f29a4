# Before the first job.

from snakemake.logging import logger
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from workflow import slurm
from workflow.short_log import ShortJobs

# A Slurm is watched by the suite's extension of Snakemake's plug-in.
ExecutorPluginRegistry().get_plugin("slurm").executor = slurm.Executor

if not any(isinstance(of_logger, ShortJobs) for of_logger in logger.filters):
    logger.addFilter(ShortJobs())


# Asked for once, before the first job starts; a plan or a graph alone needs none of it.
onstart:
    require_what_is_planned()

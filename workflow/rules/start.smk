# Before the first job.

from snakemake.logging import logger
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from workflow import slurm
from workflow.short_log import ShortJobs

# A Slurm is watched by the suite's extension of Snakemake's plug-in.
ExecutorPluginRegistry().get_plugin("slurm").executor = slurm.Executor

logger.addFilter(ShortJobs())


# Asked for once, before the first job starts; a plan or a graph alone needs none of it.
onstart:
    require_what_is_planned()
    stop_at_sigterm()


# However a run ends before its time; jobs that failed have said why.
onerror:
    summarise()
    print(AGAIN, file=sys.stderr)

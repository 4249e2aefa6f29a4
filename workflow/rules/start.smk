# What planning found that the machine must have. It is asked for once, before the first job starts; a plan or a graph
# alone needs none of it.

from workflow.cuda import require_cuda
from workflow.data.fetch.disk import require_room_for_archives


onstart:
    try:
        require_room_for_archives([loader.dataset(name) for name in sorted(TO_BRING_IN)], Path("data"))
        # On a cluster the nodes train, not the machine that hands out the jobs.
        if workflow.local_exec:
            trainings = [
                job for job in workflow.dag.needrun_jobs() if job.rule.name == "train" and job.resources.gpu
            ]
            require_cuda(sorted(str(Path(job.output.weights).parent) for job in trainings))
    except SegReproError as error:
        raise WorkflowError(str(error)) from None

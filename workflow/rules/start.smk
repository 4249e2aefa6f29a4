# What planning found that the machine must have. It is asked for once, before the first job starts; a plan or a graph
# alone needs none of it.

from workflow.cuda import require_cuda
from workflow.data.disk import require_room_for_archives

TO_BRING_IN = set()  # datasets
TO_TRAIN = {}  # page -> folders of its trainings by the papers' recipes


onstart:
    try:
        require_room_for_archives([loader.dataset(name) for name in sorted(TO_BRING_IN)], Path("data/downloads"))
        # On a cluster the nodes train, not the machine that hands out the jobs.
        if workflow.local_exec:
            for page, runs in TO_TRAIN.items():
                require_cuda(page, runs)
    except SegReproError as error:
        raise WorkflowError(str(error)) from None

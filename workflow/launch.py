"""Runs a program on GPUs of its own, in as many processes: python -m workflow.launch <GPUs> <program> <arguments>.

The lock of a GPU lasts as long as this process. One process is the program itself; several are started by torchrun.
"""

import os
import runpy
import sys

from segrepro.errors import SegReproError
from workflow.command_line import explained
from workflow.gpus import own_gpus


def main(count: int, program: str, arguments: list[str]) -> None:
    """Runs a program.

    Args:
        count: how many GPUs it gets; 0 is one where there is any, shared with no other job either.
        program: file of Python.
        arguments: its command line.

    Raises:
        SegReproError: there are not as many GPUs.
        SystemExit: the program ended with an error, which it has said.
    """
    with own_gpus(max(1, count)):
        if count > 1:
            _in_processes(count, program, arguments)
            return
        sys.argv = [program, *arguments]
        runpy.run_path(program, run_name="__main__")


def _in_processes(count: int, program: str, arguments: list[str]) -> None:
    """What `torchrun --standalone` does, but an error of the processes is one message, and no report of theirs."""
    import logging

    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    # The processes share the job's cores.
    os.environ["OMP_NUM_THREADS"] = str(max(1, int(os.environ.get("OMP_NUM_THREADS", "1")) // count))
    logging.disable(logging.ERROR)
    options = ["--standalone", f"--nproc-per-node={count}", program, *arguments]
    try:
        run(parse_args(options))
    except ChildFailedError as error:
        _, first = error.get_first_failure()
        if "timestamp" in first.error_file_data or first.exitcode < 0:
            raise SegReproError(first.message) from None
        raise SystemExit(1) from None  # its traceback stands there already
    except SignalException as signal:
        raise SystemExit(128 + signal.sigval) from None


if __name__ == "__main__":
    number, file, *rest = sys.argv[1:]
    explained(lambda: main(int(number), file, rest))

"""Programs in processes of their own, forked from one that has loaded the deep-learning stack already.

Loading it is most of what a small run takes. The project's own modules are loaded by each program anew.
"""

import multiprocessing
import os
import runpy
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["torch", "torchvision", "mmengine.runner", "mmseg.datasets", "mmseg.models"])


def start(program: Path, *arguments: object, folder: Path, log: Path, **variables: str) -> BaseProcess:
    """Starts a program as `python <program> <arguments>` would, and returns at once.

    Args:
        program: file of Python.
        *arguments: what comes after it on the command line.
        folder: where it runs.
        log: file for its output and its errors.
        **variables: what its environment has beside this process's.
    """
    log.write_bytes(b"")
    command = [str(program), *map(str, arguments)]
    process = CONTEXT.Process(target=_run, args=(command, folder, log, os.environ | variables))
    process.start()
    return process


def _run(command: list[str], folder: Path, log: Path, environment: dict[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # PyTorch heeds it when it is loaded, which was before.
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    with log.open("ab") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    sys.argv = command
    named = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:0] = [str(Path(command[0]).parent), *named]
    runpy.run_path(command[0], run_name="__main__")

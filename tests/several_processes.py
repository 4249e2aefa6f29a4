"""Programs in several processes that compute together on the CPU, as torchrun would start them."""

import socket
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import programs

SYNC_BN = '''\
"""PyTorch's SyncBatchNorm on the CPU, for which it has no form; and whatever a test adds."""
from torch.nn import SyncBatchNorm

from mmseg_plugins.networks.shelfnet.synchronised_norm import synchronised_batch_norm


def forward(norm, x):
    if not norm.training:
        return super(SyncBatchNorm, norm).forward(x)
    norm.num_batches_tracked.add_(1)
    return synchronised_batch_norm(
        x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps, momentum=norm.momentum
    )


SyncBatchNorm.forward = forward
'''
"""A module for configs to import; with it batch norms are synchronised by the code that ShelfNet's are."""


def start(
    count: int, program: Path, *arguments: object, folder: Path, log: Path, **variables: str
) -> list[BaseProcess]:
    """Starts a program `count` times, each knowing of the others; arguments as those of `programs.start`.

    Returns:
        The processes, the first one first; each has a log of its own, `log` with its number behind it.
    """
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port.getsockname()[1]), "WORLD_SIZE": str(count)}
    return [
        programs.start(
            program, *arguments, folder=folder, log=log.with_name(f"{log.name}{rank}"),
            **address, RANK=str(rank), LOCAL_RANK=str(rank), **variables,
        )
        for rank in range(count)
    ]  # fmt: skip


def finish(processes: list[BaseProcess], log: Path) -> str:
    """Waits for the end of all, which must be a good one.

    Returns:
        What they said, one after the other.
    """
    for process in processes:
        process.join()
    said = "".join(log.with_name(f"{log.name}{rank}").read_text() for rank in range(len(processes)))
    assert [process.exitcode for process in processes] == [0] * len(processes), said
    return said

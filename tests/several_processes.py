"""Programs in several processes that compute together on the CPU, as torchrun would start them."""

import socket
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import programs

SYNC_BN = """\
import torch
from torch import nn

from mmseg_plugins.networks.shelfnet.synchronised_norm import synchronised_batch_norm


class CPUSyncBatchNorm(nn.BatchNorm2d):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        self.num_batches_tracked.add_(1)
        return synchronised_batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps, momentum=self.momentum
        )


# Where MMEngine looks for it.
nn.modules.batchnorm.SyncBatchNorm = CPUSyncBatchNorm
"""
"""For configs to import: ShelfNet's synchronised norm in place of PyTorch's, which needs a GPU."""


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

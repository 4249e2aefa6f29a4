"""Whether this machine can train at the papers' own scale, without importing torch."""

import ctypes
from collections.abc import Sequence

from data_manifests.errors import SegReproError


def cuda_devices() -> int:
    """Counts the CUDA devices that the driver offers to this process, as PyTorch does; 0 where there is no driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def require_cuda(page: str, runs: Sequence[str]) -> None:
    """Checks that the trainings at the papers' own scale which a page still lacks can run here.

    Args:
        page: the page's file.
        runs: folders of the runs that are still to be trained.

    Raises:
        SegReproError: there are such runs, and no CUDA device.
    """
    if runs and cuda_devices() == 0:
        raise SegReproError(
            f"{page}: the stage `training` asks for these trainings by the papers' recipes at full size:"
            + "".join(f"\n  {run}" for run in runs)
            + "\nThey take hours to days on a GPU; found no CUDA device here (the NVIDIA driver offers none, or"
            " CUDA_VISIBLE_DEVICES hides them). Run the command where there is one, or on a cluster"
            " (--workflow-profile slurm)."
            "\nTo build the page without them, leave the stage out: --config stages=structure,accuracy"
        )

"""Whether this machine can train at the papers' own scale."""

import subprocess
import sys
from collections.abc import Sequence

from segrepro.errors import SegReproError

CHECK = (
    "from mmseg_plugins.runtime.device import choose_device; from workflow.command_line import run;"
    " run(lambda: choose_device('cuda'))"
)
"""What `train.py --device cuda` does first."""


def require_cuda(runs: Sequence[str]) -> None:
    """Checks that trainings at the papers' own scale can run here.

    PyTorch is asked, as a driver offers GPUs also to a PyTorch that cannot use them; in a process of its own, as one
    that has looked for a GPU keeps memory on it.

    Args:
        runs: folders of the runs that are to be trained; PyTorch is left alone where there are none.

    Raises:
        SegReproError: there are such runs, and no GPU that PyTorch can use.
    """
    if not runs:
        return
    check = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True)
    if check.returncode != 0:
        raise SegReproError(
            "these trainings by the papers' recipes at full size are planned:"
            + "".join(f"\n  {run}" for run in runs)
            + f"\nThey take hours to days on a GPU, and here there is none to train on:\n{check.stderr.strip()}\n"
            "Run the command where there is one, or on a cluster (--workflow-profile slurm)."
            "\nTo train on the CPU all the same, for weeks: --set-resources train:gpu=0"
            "\nTo build a page without them, leave the stage `training` out: --config stages=structure,accuracy"
        )

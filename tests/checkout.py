"""A copy of the project to run the real Snakemake in, with a dataset and a schedule of seconds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
# Where two processes run tests side by side, each has one core: two networks on the same cores are many times slower.
CORES = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"

TINY_RECIPE = """\
_base_ = ["./espnet_p2q3.py"]
train_cfg = dict(max_iters={iterations})
param_scheduler = [dict(type="PolyLR", eta_min=0, power=0.9, begin=0, end={iterations}, by_epoch=False)]
train_dataloader = dict(batch_size=2)
default_hooks = dict(checkpoint=dict(interval=2))
"""

# For Python to load at its start: no connection to another machine comes about, and each attempt leaves a line.
OFFLINE = """\
import socket
class Offline(socket.socket):
    def connect(self, address):
        if self.family == socket.AF_UNIX:
            return super().connect(address)
        with open({log!r}, "a") as log:
            print(address, file=log)
        raise OSError("no network")
socket.socket = Offline
"""


class Checkout:
    """A working copy in a folder of its own."""

    def __init__(self, folder: Path, copied: bool = False):
        """Copies every file that git tracks or would track, unless the folder is a copy of such a folder already."""
        self.folder = folder
        self.log = folder.with_suffix(".log")
        if copied:
            return
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        for name in filter(None, listed):
            source, target = PROJECT / name, folder / name
            if source.is_symlink() or source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)

    def edit(self, name: str, **changes: object) -> None:
        """Replaces top-level fields of a YAML file."""
        path = self.folder / name
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump(content | changes, sort_keys=False), encoding="utf-8")

    def shrink(self, iterations: int) -> None:
        """Makes the synthcity page a matter of seconds: few images, few steps, the smallest network."""
        self.edit("data_manifests/datasets/synthcity.yaml", splits={"train": {"images": 6}, "val": {"images": 3}})
        recipe = self.folder / "mmseg_plugins/configs/synthcity/espnet_tiny.py"
        recipe.write_text(TINY_RECIPE.format(iterations=iterations), encoding="utf-8")
        tiny = [{"model": "espnet_tiny", "route": route} for route in ("retrained", "untrained")]
        self.edit("config/reports/synthcity.yaml", runs=tiny, comparisons=[])

    def environment(self, **variables: str) -> dict[str, str]:
        """The copy's own code comes first on the path; mirror and accounts of the environment are left out."""
        kept = {k: value for k, value in os.environ.items() if not k.startswith(("SEGREPRO_", "CITYSCAPES_"))}
        own = {"PYTHONPATH": str(self.folder), "XDG_DATA_HOME": str(self.folder / ".local")}
        return kept | own | variables

    def snakemake(self, *arguments: str, timeout: float = 500, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs Snakemake to its end; output and errors come together as `stdout`."""
        return subprocess.run(
            [str(BIN / "snakemake"), "--cores", CORES, "--max-threads", CORES, *arguments],
            cwd=self.folder, env=self.environment(**variables), timeout=timeout,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def start_snakemake(self, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        """Starts Snakemake and returns at once; output and errors are added to `log`."""
        with self.log.open("ab") as said:
            return subprocess.Popen(
                [str(BIN / "snakemake"), "--cores", CORES, "--max-threads", CORES, *arguments],
                cwd=self.folder, env=self.environment(**variables), stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip

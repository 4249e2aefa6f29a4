"""A Slurm of one node on this machine: its controller and its node daemon, with all that they write in one folder."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo", "srun", "sacct")

# Memory is watched every second and a job above its share is killed, as it is by the cgroups of a real cluster.
# `pgid` finds the processes of a job without cgroups. No `munge`: keys are of no use on one machine.
CONFIG = """\
ClusterName=segrepro
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=UsePss,OverMemoryKill
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,bf_interval=1,batch_sched_delay=0
EnforcePartLimits=ALL
PropagateResourceLimits=NONE
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
KillWait=5
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName=node{node} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=128000 Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=node{node} Default=YES MaxTime=INFINITE DefMemPerCPU=500 State=UP
"""


class CannotRunHereError(Exception):
    """This machine lacks what a Slurm needs."""


class Cluster:
    """Runs from `start` to `stop`. `settings` take the place of those in the configuration."""

    def __init__(self, folder: Path, **settings: str):
        """Writes the configuration.

        Args:
            folder: an empty one with a short path, as sockets lie below it.
            settings: of slurm.conf.

        Raises:
            CannotRunHereError: no Slurm is installed, or this user may not run one.
        """
        if missing := [program for program in PROGRAMS if shutil.which(program, path=SYSTEM_PATH) is None]:
            raise CannotRunHereError(f"no Slurm is installed (no {', '.join(missing)})")
        if os.geteuid() != 0:
            raise CannotRunHereError("only root may run Slurm's daemons")
        host = socket.gethostname().partition(".")[0]
        if not socket.gethostbyname(host).startswith("127."):
            raise CannotRunHereError(f"the name of this machine, {host}, is no address of its own; see /etc/hosts")
        self.folder = folder
        self.daemons: list[subprocess.Popen[bytes]] = []
        for name in ("state", "spool", "bin"):
            (folder / name).mkdir()
        controller, node = _free_ports(2)
        config = CONFIG.format(host=host, controller=controller, node=node, folder=folder)
        extra = "".join(f"{name}={value}\n" for name, value in settings.items())
        (folder / "slurm.conf").write_text(config + extra)
        # A GPU must be a device: one that takes all and gives nothing.
        os.mknod(folder / "gpu0", 0o20666, os.makedev(1, 3))
        (folder / "gres.conf").write_text(f"AutoDetect=off\nName=gpu File={folder}/gpu0\n")
        # Jobs are not given SLURM_CONF by Snakemake's executor, so each command says it for itself.
        for program in PROGRAMS[2:]:
            command = folder / "bin" / program
            command.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {_path(program)} "$@"\n')
            command.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach this Slurm."""
        return {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def run(self, *command: str) -> str:
        """What one of Slurm's commands prints."""
        return subprocess.run(
            command, env=os.environ | self.environment, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def jobs(self) -> dict[str, dict[str, str]]:
        """What Slurm says of every job that it knows, by the comment that names the rule and its wildcards."""
        lines = self.run("scontrol", "--oneliner", "show", "job").splitlines()
        fields = (dict(word.partition("=")[::2] for word in line.split() if "=" in word) for line in lines)
        return {job["Comment"]: job for job in fields if "Comment" in job}

    def start(self) -> None:
        """Starts both daemons and waits until the node takes jobs."""
        clean = {"PATH": SYSTEM_PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        for daemon in (["slurmctld", "-D"], ["slurmd", "-D", "-N", self._node()]):
            with (self.folder / f"{daemon[0]}.out").open("wb") as out:
                self.daemons.append(
                    subprocess.Popen(daemon, env=clean, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
                )
        until = time.monotonic() + 60
        while not self._up():
            dead = [daemon.args for daemon in self.daemons if daemon.poll() is not None]
            if dead or time.monotonic() > until:
                said = "".join(log.read_text()[-2000:] for log in self.folder.glob("*.out"))
                self.stop()
                raise RuntimeError(f"Slurm did not start:\n{said}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Cancels all jobs and ends the daemons."""
        if all(daemon.poll() is None for daemon in self.daemons) and (jobs := self.run("squeue", "-h", "-o", "%A")):
            self.run("scancel", *jobs.split())
            until = time.monotonic() + 30
            while self.run("squeue", "-h", "-o", "%A") and time.monotonic() < until:
                time.sleep(0.5)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()

    def _up(self) -> bool:
        """Whether the node is there and idle."""
        try:
            return self.run("sinfo", "-h", "-N", "-o", "%T").strip() == "idle"
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False

    def _node(self) -> str:
        lines = (self.folder / "slurm.conf").read_text().splitlines()
        return next(line.split()[0].partition("=")[2] for line in lines if line.startswith("NodeName="))


SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _path(program: str) -> str:
    found = shutil.which(program, path=SYSTEM_PATH)
    assert found is not None
    return found


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on: all are held until the last is found."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()

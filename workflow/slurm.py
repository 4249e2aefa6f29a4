"""What Snakemake's executor for Slurm leaves open: whose jobs are whose, forgotten jobs, and why a job ended."""

import hashlib
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_slurm import Executor as PluginExecutor
from snakemake_interface_common.exceptions import WorkflowError

from segrepro.errors import SegReproError
from segrepro.file_lock import file_lock

RESUME = "python workflow/scripts/resume_on_slurm.py -- <the arguments of snakemake>"
"""The command that takes up what a killed Snakemake left."""

HEAD_LOCK = Path(".snakemake/slurm_head.lock")
"""Held by the Snakemake that hands out a folder's jobs, for as long as it lives."""

BUSY = "Snakemake is still running in this folder. Stop it first, with Ctrl+C: it cancels its own jobs"

DONE = re.compile(r"^(?:\[.*\]\s*)?(\d+) of \1 steps \(100%\) done$", re.MULTILINE)
"""What Snakemake, as a job, writes at the end of its log where all went well."""

REASONS = (
    (
        re.compile(r"DUE TO TIME LIMIT|'TIMEOUT'|'DEADLINE'"),
        "Slurm ended it at its time limit (runtime: {runtime} minutes). A training goes on from its last checkpoint;"
        " anything else needs more `runtime` in the profile",
    ),
    (
        re.compile(r"'OUT_OF_MEMORY'|[Oo]ut [Oo]f [Mm]emory|oom[-_ ]kill|exceeded (?:\w+ )*memory limit"),
        "It ran out of memory (mem_mb: {mem_mb}). The next try asks for more; where that is not enough, raise `mem_mb`"
        " in the profile",
    ),
    (re.compile(r"'NODE_FAIL'|'BOOT_FAIL'|DUE TO NODE FAILURE"), "Its node failed; nothing of the job is to blame"),
    (re.compile(r"'PREEMPTED'|DUE TO PREEMPTION"), "Slurm took its node for a job of higher priority"),
    (re.compile(r"'CANCELLED'|CANCELLED AT"), "Somebody cancelled it (scancel)"),
)
"""What Slurm calls the end of a job, as a state or in the job's log, and what it means. The first that fits counts."""

LOG_END = 64 * 1024  # bytes of a job's log in which its end is looked for
CHECKS_FORGOTTEN = 3  # checks in a row before a job that nobody knows counts as lost; a log may come late over NFS


def job_prefix(folder: Path) -> str:
    """What the names of all Slurm jobs of a checkout begin with, and those of no other checkout."""
    return f"segrepro_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]}"


def has_accounting() -> bool:
    """Whether Slurm's accounting answers: without a database, `sacct` is there but fails."""
    try:
        asked = subprocess.run(["sacct", "--noheader", "--allocations"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def jobs_in_queue(prefix: str) -> list[str]:
    """Ids of this user's jobs that run or wait, of those whose name begins with `prefix`.

    Raises:
        SegReproError: Slurm does not answer.
    """
    listed = _squeue("--me", "--format=%i %j")
    return [job for job, name in (line.split(maxsplit=1) for line in listed) if name.startswith(f"{prefix}_")]


def reason_in_words(said: str, resources: dict[str, Any]) -> str:
    """Why a job ended that did not end well.

    Args:
        said: Slurm's state of the job and the end of its log.
        resources: what the job had asked for.

    Returns:
        A sentence; empty where neither says more than that the program failed.
    """
    asked = {name: resources.get(name, "not said") for name in ("runtime", "mem_mb")}
    return next((words.format(**asked) for pattern, words in REASONS if pattern.search(said)), "")


class Executor(PluginExecutor):  # type: ignore[misc]
    """Snakemake's executor for Slurm, to which no job gets lost.

    The plug-in waits for ever, without a word, for a job that Slurm has forgotten, as it does some minutes after the
    job's end where no database stands behind it; and it forgets by itself the jobs of a check that got no answer.
    """

    def __post_init__(self, test_mode: bool = False) -> None:
        """Prepares a run; refused while jobs of an earlier run of this folder could write the same files."""
        settings = self.workflow.executor_settings
        settings.jobname_prefix = job_prefix(Path.cwd())
        settings.status_command = "sacct" if has_accounting() else "squeue"
        self._settled: set[str] = set()
        self._forgotten: Counter[str] = Counter()
        self._alone = ExitStack()
        try:
            self._alone.enter_context(file_lock(HEAD_LOCK, BUSY))
            alive = jobs_in_queue(settings.jobname_prefix)
        except SegReproError as error:
            raise WorkflowError(str(error)) from None
        if alive:
            raise WorkflowError(
                f"Slurm still has jobs of an earlier run in this folder: {', '.join(alive)}. They would write the same"
                f" files. This cancels them and goes on where they were: {RESUME}"
            )
        super().__post_init__(test_mode)

    def report_job_success(self, job_info: Any) -> None:
        """Hands on that a job ended well."""
        self._settled.add(job_info.external_jobid)
        super().report_job_success(job_info)

    def report_job_error(self, job_info: Any, msg: str | None = None, **kwargs: Any) -> None:
        """Hands on that a job failed, and says why in words."""
        self._settled.add(job_info.external_jobid)
        why = reason_in_words(f"{msg}\n{_end_of_log(job_info)}", job_info.job.resources)
        super().report_job_error(job_info, msg=f"{msg or ''} {why}. ".lstrip() if why else msg, **kwargs)

    async def check_active_jobs(self, active_jobs: Sequence[Any]) -> AsyncIterator[Any]:
        """Yields the jobs that still run or wait; all others are reported as ended."""
        async for _ in super().check_active_jobs(active_jobs):
            pass
        still = [job for job in active_jobs if job.external_jobid not in self._settled]
        try:
            known = (
                set(_squeue("--states=all", f"--name={self.run_uuid}", "--array", "--format=%i")) if still else set()
            )
        except SegReproError as error:
            self.logger.warning(f"{error}. {len(still)} jobs go on being watched")
            known = {job.external_jobid for job in still}
        for job in still:
            if job.external_jobid in known:
                self._forgotten.pop(job.external_jobid, None)
                yield job
            elif not self._ended(job):
                yield job

    def _ended(self, job: Any) -> bool:
        """Reports how a job that Slurm has forgotten ended, if that is known."""
        self._forgotten[job.external_jobid] += 1
        forgotten = f"Slurm no longer knows job '{job.external_jobid}'"
        said = _end_of_log(job)
        if DONE.search(said):
            self.logger.info(f"{forgotten}; its log says that it was done.")
            self.report_job_success(job)
        elif "Exiting because a job execution failed" in said or reason_in_words(said, {}):
            self.report_job_error(job, msg=f"{forgotten}; its log says that it failed.")
        elif self._forgotten[job.external_jobid] >= CHECKS_FORGOTTEN:
            self.report_job_error(job, msg=f"{forgotten}, and its log does not say that it ended.")
        else:
            return False
        return True


def _squeue(*arguments: str) -> list[str]:
    """The lines of an answer of squeue."""
    try:
        asked = subprocess.run(["squeue", "--noheader", *arguments], capture_output=True, text=True, timeout=60)
    except OSError as error:
        raise SegReproError(f"squeue: {error.strerror}; run this where Slurm's commands are") from None
    except subprocess.TimeoutExpired:
        raise SegReproError("squeue: no answer from Slurm within 60 s") from None
    if asked.returncode != 0:
        raise SegReproError(f"squeue: {asked.stderr.strip() or f'exit status {asked.returncode}'}")
    return asked.stdout.splitlines()


def _end_of_log(job: Any) -> str:
    """The last words of a job; none where it has no log, or none yet."""
    log = job.aux.get("slurm_logfile") if job.aux else None
    if log is None or not Path(log).is_file():
        return ""
    with Path(log).open("rb") as file:
        file.seek(max(0, Path(log).stat().st_size - LOG_END))
        return file.read().decode(errors="replace")

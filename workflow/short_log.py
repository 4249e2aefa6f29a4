"""Snakemake's log, without the pages of file names that many jobs have."""

import logging

from snakemake_interface_logger_plugins.common import LogEvent

FILES = 4
"""File names of a job that are shown, the last one among them; `snakemake --detailed-summary` lists all."""

CHARACTERS = 300
"""Of the reason for a job, which repeats file names."""


class ShortJobs(logging.Filter):
    """Shortens what is said of a job's inputs and its reason, and leaves all else as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record in place; always true, so that it is logged."""
        told = record.__dict__
        if told.get("event") in (LogEvent.JOB_INFO, LogEvent.JOB_ERROR):
            told["input"] = shortened(told["input"])
        if told.get("event") == LogEvent.JOB_INFO:
            told["reason"] = cut(told["reason"], CHARACTERS)
        return True


def shortened(files: list[str]) -> list[str]:
    """The first file names and the last, and how many more there are between them."""
    return files if len(files) <= FILES + 1 else [*files[: FILES - 1], f"{len(files) - FILES} more", files[-1]]


def cut(text: str, characters: int) -> str:
    """The beginning of a long text, up to the end of a word."""
    return text if len(text) <= characters else f"{text[:characters].rpartition(' ')[0]} ..."

"""Times of several ways to do the same, taken in turns."""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from mmseg_plugins.profiling.inference import synchronize
from mmseg_plugins.runtime.provenance import CHECKOUT, git_state, hardware, package_versions
from segrepro.atomic import atomic_write

Times = dict[str, list[float]]
"""Seconds of each way, one for each round."""
CPU = torch.device("cpu")


def interleaved(ways: Mapping[str, Callable[[], object]], *, rounds: int, device: torch.device = CPU) -> Times:
    """Runs each way once a round, after a round that is not timed.

    Taken in turns, a change in what else the machine does falls on all of them, and ratios within a round stay fair.

    Args:
        ways: what to time, by name.
        rounds: how many times each is timed.
        device: where the ways compute; a time ends when it has nothing left to do.

    Returns:
        Seconds of each way in each round.
    """
    for run in ways.values():
        run()
    synchronize(device)
    times: Times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            synchronize(device)
            times[name].append(time.perf_counter() - start)
    return times


def ratio(times: Times, numerator: str, denominator: str) -> dict[str, float]:
    """How many times as long one way takes as another: median, lowest and highest of the ratios within the rounds."""
    return _spread([a / b for a, b in zip(times[numerator], times[denominator], strict=True)])


def milliseconds(times: Times) -> dict[str, dict[str, float]]:
    """Median, lowest and highest time of each way."""
    return {name: _spread([1000 * value for value in values]) for name, values in times.items()}


def table(rows: Mapping[str, Mapping[str, float]], unit: str) -> str:
    """Rows of `milliseconds` or of several `ratio` as text, with the unit at the head."""
    width = max(map(len, rows))
    lines = [f"{unit:{width}}    median       low      high"]
    lines += [
        f"{name:{width}} " + "".join(f"{row[k]:10.2f}" for k in ("median", "low", "high")) for name, row in rows.items()
    ]
    return "\n".join(lines)


def write_json(out: Path, results: Mapping[str, Any], *, device: torch.device = CPU) -> None:
    """Writes results with the device, the threads of PyTorch and the versions that they hold for.

    Args:
        out: the file, which appears whole.
        results: what JSON can hold.
        device: what they were measured on.
    """
    commit, dirty = git_state(CHECKOUT)
    circumstances = {
        "commit": commit,
        "dirty": dirty,
        "hardware": hardware(device).model_dump(),
        "threads": torch.get_num_threads(),
        "packages": package_versions(),
    }
    atomic_write(out, json.dumps(circumstances | dict(results), indent=1) + "\n")


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}

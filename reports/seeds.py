"""What the seeds of one run have in common: mean and spread of their scores."""

from collections.abc import Iterable
from statistics import mean, stdev
from typing import NamedTuple

from data_manifests.schemas.evidence import Evaluation, RunRoute


class Spread(NamedTuple):
    """The scores of one model by one route under one protocol, over its seeds."""

    model: str
    route: RunRoute
    split: str
    seeds: tuple[int, ...]
    scores: dict[str, tuple[float, float]]
    """By metric: mean and sample standard deviation (n - 1), percent; without metrics undefined for a seed."""


def over_seeds(evaluations: Iterable[Evaluation], protocol: str) -> list[Spread]:
    """Summarises each run that has several seeds.

    Args:
        evaluations: of all runs; of several of the same run and seed, the first counts.
        protocol: id of the one whose scores are taken.

    Returns:
        One entry for each model, route and split with two seeds or more, in the order of the evaluations.
    """
    runs: dict[tuple[str, RunRoute, str], dict[int, dict[str, float | None]]] = {}
    for record in evaluations:
        seeds = runs.setdefault((record.run.model, record.run.route, record.split), {})
        seeds.setdefault(record.run.seed, {s.metric: s.value for s in record.scores if s.protocol == protocol})
    return [
        Spread(*run, tuple(by_seed), _spread(list(by_seed.values())))
        for run, by_seed in runs.items()
        if len(by_seed) > 1
    ]


def _spread(scores: list[dict[str, float | None]]) -> dict[str, tuple[float, float]]:
    spread = {}
    for metric in scores[0]:
        values = [value for of_seed in scores if (value := of_seed.get(metric)) is not None]
        if len(values) == len(scores):
            spread[metric] = mean(values), stdev(values)
    return spread

"""What the seeds of one run have in common: mean and spread of their scores."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

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
        scores = {score.metric: score.value for score in record.scores if score.protocol == protocol}
        if scores:
            runs.setdefault((record.run.model, record.run.route, record.split), {}).setdefault(record.run.seed, scores)
    return [Spread(*run, tuple(seeds), _summary([*seeds.values()])) for run, seeds in runs.items() if len(seeds) > 1]


def _summary(seeds: Sequence[Mapping[str, float | None]]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each metric that every seed has."""
    values = {metric: [scores.get(metric) for scores in seeds] for metric in seeds[0]}
    defined = {metric: np.array(of, float) for metric, of in values.items() if None not in of}
    return {metric: (float(of.mean()), float(of.std(ddof=1))) for metric, of in defined.items()}

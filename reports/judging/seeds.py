"""What the seeds of one run have in common: mean and spread of their scores."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from data_manifests.schemas.evidence import Evaluation, RunRoute

RUN = ["model", "route", "split"]


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
    scores = pd.DataFrame(
        [(record.run.model, record.run.route, record.split, record.run.seed, s.metric, s.value)
         for record in evaluations for s in record.scores if s.protocol == protocol],
        columns=[*RUN, "seed", "metric", "value"],
    )  # fmt: skip
    runs = scores.drop_duplicates([*RUN, "seed", "metric"]).groupby(RUN, sort=False)
    return [_spread(of_run) for _, of_run in runs if of_run["seed"].nunique() > 1]


def _spread(of_run: pd.DataFrame) -> Spread:
    model, route, split = of_run[RUN].iloc[0]
    by_seed = of_run.pivot(index="seed", columns="metric", values="value").astype(float).dropna(axis="columns")
    summary = by_seed.agg(["mean", "std"])
    scores = {str(metric): (summary[metric]["mean"], summary[metric]["std"]) for metric in summary}
    return Spread(model, route, split, tuple(of_run["seed"].unique().tolist()), scores)

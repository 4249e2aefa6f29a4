"""Confidence intervals by bootstrap over images."""

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol

from .scores import Counts, matrix_scores

RESAMPLES = 1000
LEVEL = 0.95
CHUNK_ELEMENTS = 2**22
"""At most this many counts of resampled matrices are held at once (32 MiB of float64)."""


def intervals(counts: Counts, protocol: Protocol, label_set: LabelSet, *, seed: int = 0) -> NDArray[np.float64]:
    """The percentile bootstrap interval of each score (Efron and Tibshirani 1993, section 13.3), images resampled.

    Args:
        counts: confusion arrays of N images, shape (N, C + 1, C or C + 1).
        protocol: scoring rules.
        label_set: the C classes.
        seed: seed of the resampling.

    Returns:
        Percent, shape (M, 2): lower and upper end of the 95 % interval for each of `metric_names`. NaN where the score
        is undefined in every resample, and for fewer than two images.
    """
    tail = (1 - LEVEL) / 2
    resampled = resampled_scores(counts, protocol, label_set, seed=seed)
    if len(counts) < 2:
        resampled = np.full_like(resampled, np.nan)
    return np.array([_quantiles(column[~np.isnan(column)], tail) for column in resampled.T])


def resampled_scores(counts: Counts, protocol: Protocol, label_set: LabelSet, *, seed: int) -> NDArray[np.float64]:
    """Scores of resampled image sets, shape (`RESAMPLES`, M), percent; one seed and N give the same sets of images.

    The same sets for two models on one dataset make differences paired.
    """
    images = len(counts)
    # How often each image is drawn is all that matters, so a resample is a matrix product.
    draws = np.random.default_rng(seed).multinomial(images, np.full(images, 1 / images), size=RESAMPLES).astype(float)
    if protocol.average == "image":
        values = matrix_scores(counts, protocol, label_set)
        defined = ~np.isnan(values)
        weight = draws @ defined
        return np.divide(
            draws @ np.where(defined, values, 0.0), weight, out=np.full(weight.shape, np.nan), where=weight > 0
        )
    flat = counts.reshape(images, -1).astype(float)
    rows = max(1, CHUNK_ELEMENTS // flat.shape[1])
    return np.concatenate(
        [
            matrix_scores((draws[start : start + rows] @ flat).reshape(-1, *counts.shape[1:]), protocol, label_set)
            for start in range(0, RESAMPLES, rows)
        ]
    )


def _quantiles(values: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    return np.quantile(values, (tail, 1 - tail)) if values.size else np.full(2, np.nan)

"""Bootstrap intervals over images, for one model and for the difference of two models."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol
from segrepro.errors import SegReproError

from .counts import Counts
from .scores import Ratios, image_ratios, scores, scores_of_ratios

RESAMPLES = 2000
LEVEL = 0.95


def intervals(counts: Counts, protocol: Protocol, label_set: LabelSet, *, seed: int = 0) -> NDArray[np.float64]:
    """The percentile bootstrap interval of each score over images (Efron and Tibshirani 1993, section 13.3).

    Args:
        counts: counts of N images.
        protocol: scoring rules.
        label_set: the C classes.
        seed: seed of the resampling.

    Returns:
        Percent, shape (M, 2): lower and upper end of the 95 % interval for each of `metric_names`. NaN where the score
        is undefined in every resample, and for fewer than two images.
    """
    return _interval(resampled_scores(counts, protocol, label_set, seed=seed), num_images=len(counts.confusion))


def paired_difference(
    first: Counts, second: Counts, protocol: Protocol, label_set: LabelSet, *, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The difference of two models' scores on the same images, second minus first, and its bootstrap interval.

    Both models are scored on the same resampled images, so images that are hard for both do not widen the interval.

    Args:
        first: counts of N images.
        second: counts of the same images in the same order, by another model.
        protocol: scoring rules.
        label_set: the C classes.
        seed: seed of the resampling.

    Returns:
        Difference in percentage points, shape (M,), for each of `metric_names`, and its 95 % interval, shape (M, 2), as
        of `intervals`; NaN where one of the two scores is undefined.

    Raises:
        SegReproError: the two counts are not of the same label maps, or only one of them has instances.
    """
    truths = [counts.confusion.sum(axis=2) for counts in (first, second)]
    if not np.array_equal(*truths):
        differing = "different numbers of images" if len(truths[0]) != len(truths[1]) else "different ground truth"
        raise SegReproError(
            f"paired difference of {len(truths[0])} and {len(truths[1])} images: found {differing}; expected counts of "
            "the same images in the same order. Predict the same split with both models"
        )
    if (first.instances is None) != (second.instances is None):
        raise SegReproError(
            "paired difference: found instances in one of the two counts; expected them in both or in neither. Predict "
            "again with the model whose counts have none"
        )
    difference = scores(second, protocol, label_set) - scores(first, protocol, label_set)
    resampled = [resampled_scores(counts, protocol, label_set, seed=seed) for counts in (first, second)]
    return difference, _interval(resampled[1] - resampled[0], num_images=len(truths[0]))


def resampled_scores(counts: Counts, protocol: Protocol, label_set: LabelSet, *, seed: int) -> NDArray[np.float64]:
    """Scores of resampled image sets, shape (`RESAMPLES`, M), percent; one seed and N give the same sets of images."""
    num_images = len(counts.confusion)
    # A resample is determined by how often it contains each image, so all resamples are one matrix product.
    drawn = times_drawn(num_images, seed, RESAMPLES)
    ratios = image_ratios(counts, protocol, label_set)
    if protocol.average == "image":
        values = scores_of_ratios(ratios, protocol)
        defined = ~np.isnan(values)
        weight = drawn @ defined
        means: NDArray[np.float64] = np.divide(
            drawn @ np.where(defined, values, 0.0), weight, out=np.full(weight.shape, np.nan), where=weight > 0
        )
        return means
    summed = {metric: Ratios(*(drawn @ sums.astype(float) for sums in ratio)) for metric, ratio in ratios.items()}
    return scores_of_ratios(summed, protocol)


@lru_cache(maxsize=1)
def times_drawn(num_images: int, seed: int, num_resamples: int) -> NDArray[np.float64]:
    """How often each image is in each resample, shape (num_resamples, num_images); cached for all protocols.

    Args:
        num_images: number of images, and number of images drawn for each resample, with replacement.
        seed: seed of the drawing.
        num_resamples: number of resamples.
    """
    probabilities = np.full(num_images, 1 / num_images)
    times = np.random.default_rng(seed).multinomial(num_images, probabilities, size=num_resamples).astype(float)
    times.setflags(write=False)
    return times


def _interval(resampled: NDArray[np.float64], *, num_images: int) -> NDArray[np.float64]:
    """Quantiles of the defined values of each column, shape (M, 2)."""
    tail = (1 - LEVEL) / 2
    if num_images < 2:
        resampled = np.full_like(resampled, np.nan)
    return np.array([_quantiles(column[~np.isnan(column)], tail) for column in resampled.T])


def _quantiles(values: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    return np.quantile(values, (tail, 1 - tail)) if values.size else np.full(2, np.nan)

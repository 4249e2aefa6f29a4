"""Bootstrap intervals over images, for one model and for the difference of two models.

Frames of a film resemble their neighbours, so single frames, drawn as if they were independent, give intervals that are
too narrow. Of films, blocks of frames are drawn (Politis and Romano 1992, circular block bootstrap), each film's own.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data_manifests.schemas.dataset import Sampling
from data_manifests.schemas.evidence import Resampled
from data_manifests.schemas.label_set import LabelSet
from data_manifests.schemas.protocol import Protocol
from segrepro.errors import SegReproError

from .counts import Counts
from .scores import Ratios, image_ratios, scores, scores_of_ratios

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Blocks:
    """What is drawn for a resample of N images.

    Attributes:
        sequences: how many images each sequence has, in the order of the images; together N.
        block: images in a row of a sequence that are drawn together.
    """

    sequences: tuple[int, ...]
    block: int = 1


def blocks_of(names: Iterable[str], sampling: Sampling | None) -> Blocks:
    """What to draw for a resample of a split.

    Args:
        names: of its images, in order.
        sampling: of the dataset's manifest.

    Returns:
        Blocks within sequences where the manifest names sequences; otherwise images one by one.

    Raises:
        SegReproError: the manifest's pattern matches nothing in a name, or a sequence is interrupted by another.
    """
    listed = list(names)
    if sampling is None or sampling.sequence is None:
        return Blocks((len(listed),))
    matches = [(name, re.search(sampling.sequence, name)) for name in listed]
    if unmatched := [name for name, match in matches if match is None]:
        raise SegReproError(
            f"sampling.sequence: found no match of {sampling.sequence!r} in the image {unmatched[0]!r}; expected the"
            " name of its sequence. Correct the pattern in the dataset's manifest"
        )
    found = [match[0] for _, match in matches if match]
    lengths = Counter(found)
    if found != [sequence for sequence, frames in lengths.items() for _ in range(frames)]:
        raise SegReproError(
            f"sampling.sequence: found the images of the sequences {', '.join(lengths)} mixed; expected those of each"
            " in a row. Correct the pattern in the dataset's manifest"
        )
    return Blocks(tuple(lengths.values()), sampling.block)


def resampled(blocks: Blocks) -> Resampled | None:
    """The blocks as evidence keeps them; None where images are drawn one by one."""
    return None if blocks.block == 1 else Resampled(sequences=len(blocks.sequences), block=blocks.block)


def intervals(
    counts: Counts, protocol: Protocol, label_set: LabelSet, blocks: Blocks | None = None, *, seed: int = 0
) -> NDArray[np.float64]:
    """The percentile bootstrap interval of each score over images (Efron and Tibshirani 1993, section 13.3).

    Args:
        counts: counts of N images.
        protocol: scoring rules.
        label_set: the C classes.
        blocks: what is drawn together; None: images one by one.
        seed: seed of the resampling.

    Returns:
        Percent, shape (M, 2): lower and upper end of the 95 % interval for each of `metric_names`. NaN where the score
        is undefined in every resample, and for fewer than two images.
    """
    return _interval(resampled_scores(counts, protocol, label_set, blocks, seed=seed), num_images=len(counts.confusion))


def paired_difference(
    first: Counts,
    second: Counts,
    protocol: Protocol,
    label_set: LabelSet,
    blocks: Blocks | None = None,
    *,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The difference of two models' scores on the same images, second minus first, and its bootstrap interval.

    Both models are scored on the same resampled images, so images that are hard for both do not widen the interval.

    Args:
        first: counts of N images.
        second: counts of the same images in the same order, by another model.
        protocol: scoring rules.
        label_set: the C classes.
        blocks: what is drawn together; None: images one by one.
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
    resampled = [resampled_scores(counts, protocol, label_set, blocks, seed=seed) for counts in (first, second)]
    return difference, _interval(resampled[1] - resampled[0], num_images=len(truths[0]))


def resampled_scores(
    counts: Counts, protocol: Protocol, label_set: LabelSet, blocks: Blocks | None = None, *, seed: int
) -> NDArray[np.float64]:
    """Scores of resampled image sets, shape (`RESAMPLES`, M), percent; one seed and blocks give the same sets."""
    # A resample is determined by how often it contains each image, so all resamples are one matrix product.
    drawn = times_drawn(blocks or Blocks((len(counts.confusion),)), seed, RESAMPLES)
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
def times_drawn(blocks: Blocks, seed: int, num_resamples: int) -> NDArray[np.float64]:
    """How often each image is in each resample, shape (num_resamples, N); cached for all protocols.

    Args:
        blocks: what is drawn: ceil(N / block) blocks, each beginning at any image; behind the last image of a sequence
            a block goes on with the sequence's first.
        seed: seed of the drawing.
        num_resamples: number of resamples.
    """
    images = sum(blocks.sequences)
    starts = np.random.default_rng(seed).multinomial(
        -(-images // blocks.block), np.full(images, 1 / images), size=num_resamples
    )
    ends = np.cumsum(blocks.sequences)[:-1]
    drawn = np.concatenate([_covered(part, blocks.block) for part in np.split(starts, ends, axis=1)], axis=1)
    drawn = drawn.astype(float)
    drawn.setflags(write=False)
    return drawn


def _covered(starts: NDArray[np.int64], block: int) -> NDArray[np.int64]:
    """How often each image is drawn, from how often a block begins at it; both (resamples, images of a sequence)."""
    covered: NDArray[np.int64] = np.stack([np.roll(starts, shift, axis=1) for shift in range(block)]).sum(axis=0)
    return covered


def _interval(resampled: NDArray[np.float64], *, num_images: int) -> NDArray[np.float64]:
    """Quantiles of the defined values of each column, shape (M, 2)."""
    tail = (1 - LEVEL) / 2
    if num_images < 2:
        resampled = np.full_like(resampled, np.nan)
    return np.array([_quantiles(column[~np.isnan(column)], tail) for column in resampled.T])


def _quantiles(values: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    return np.quantile(values, (tail, 1 - tail)) if values.size else np.full(2, np.nan)

"""The order of the samples in a training, and the seed of each sample."""

from collections.abc import Iterator, Sized
from dataclasses import dataclass

import numpy as np
from mmengine.dataset import DefaultSampler, InfiniteSampler
from mmseg.registry import DATA_SAMPLERS


@dataclass(frozen=True)
class SampleKey:
    """What `SeededDataset` needs to make one sample."""

    index: int
    seed: int
    """Of its augmentation, < 2**32."""
    pass_number: int = 0
    """Which of an epoch's passes it belongs to, where there are several; `PassBatchSampler` says so."""


@DATA_SAMPLERS.register_module()
class SeededInfiniteSampler(InfiniteSampler):
    """MMEngine's endless shuffling sampler, which also yields a seed made from (run seed, position in the stream).

    MMEngine restores the order of the samples on resume (by calling `skip`), but the random generators of
    the augmentation start again from the run's seed. Here the seed depends only on the position, so every worker
    augments a sample in the same way, before and after a restart.

    Args:
        dataset: the dataset to sample from; must be a `SeededDataset`.
        shuffle: whether to shuffle; every pass over the dataset has its own order.
        seed: the run's seed; the Runner gives it.
    """

    def __init__(self, dataset: Sized, shuffle: bool = True, seed: int | None = None) -> None:
        super().__init__(dataset, shuffle=shuffle, seed=seed)
        self.skipped = 0

    def skip(self, num_samples: int) -> None:
        """Continues at the absolute position `num_samples` (per process) of the stream."""
        super().skip(num_samples)
        self.skipped = num_samples

    def __iter__(self) -> Iterator[SampleKey]:
        """Yields one key for each sample, endlessly."""
        for position, index in enumerate(super().__iter__(), start=self.skipped):
            yield SampleKey(index, _seed(self.seed, self.rank + position * self.world_size))


@DATA_SAMPLERS.register_module()
class SeededSampler(DefaultSampler):
    """MMEngine's sampler of a whole dataset, which also yields a seed made from (run seed, index).

    For a validation that draws, such as one on random crops: it is the same at every epoch and after every restart.
    """

    def __iter__(self) -> Iterator[SampleKey]:
        """Yields one key a sample."""
        for index in super().__iter__():
            yield SampleKey(index, _seed(self.seed, index))


def _seed(*entropy: int) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])

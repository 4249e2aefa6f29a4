"""Epochs of several passes over the images, each with batches of its own size."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from mmseg.registry import DATA_SAMPLERS
from torch.utils.data import Sampler

from segrepro.errors import SegReproError

from .seeded_sampler import SampleKey, SeededInfiniteSampler


class Place(NamedTuple):
    """Where a batch lies in the training; every number counts from 0."""

    epoch: int
    pass_number: int
    batch: int
    """Of the pass."""


@DATA_SAMPLERS.register_module()
class PassBatchSampler(Sampler[list[SampleKey]]):
    """Draws the batches of an endless training whose epochs are several passes over the dataset.

    Every pass shuffles by itself, ends with a batch of what is left, and tells its number to each of its samples. The
    passes follow each other within one iterator, so loader workers go on from one to the next. What a batch holds
    follows from its number in the training alone, so a resumed training sees the same; it needs `PassTrainLoop`.

    Args:
        sampler: the endless sampler of the samples' order and seeds.
        batch_size: images a batch; `train_dataloader.batch_size`.
        more_images: for each pass of an epoch, by how many images its batches are larger than that.

    Raises:
        SegReproError: the training runs in several processes, among which passes cannot be divided without a rest.
    """

    def __init__(self, sampler: SeededInfiniteSampler, batch_size: int, more_images: Sequence[int]) -> None:
        if sampler.world_size > 1:
            raise SegReproError(
                f"PassBatchSampler: found {sampler.world_size} training processes; expected 1, because each pass is"
                " shuffled and cut into batches as a whole. Train on one device"
            )
        self.sampler = sampler
        self.batch_sizes = [batch_size + more for more in more_images]
        self.batches = [-(-sampler.size // size) for size in self.batch_sizes]
        self.skipped = 0

    def __len__(self) -> int:
        """Batches an epoch."""
        return sum(self.batches)

    def place(self, number: int) -> Place:
        """Where batch `number` of the training lies, counted from 0."""
        epoch, batch = divmod(number, len(self))
        pass_number = 0
        while batch >= self.batches[pass_number]:
            batch -= self.batches[pass_number]
            pass_number += 1
        return Place(epoch, pass_number, batch)

    def skip(self, batches: int) -> None:
        """Continues at batch number `batches` of the training; to be called before iterating."""
        place = self.place(batches)
        passes = place.epoch * len(self.batches) + place.pass_number
        self.sampler.skip(passes * self.sampler.size + place.batch * self.batch_sizes[place.pass_number])
        self.skipped = batches

    def __iter__(self) -> Iterator[list[SampleKey]]:
        """Yields the keys of one batch at a time, without end."""
        keys = iter(self.sampler)
        for place in map(self.place, count(self.skipped)):
            size = self.batch_sizes[place.pass_number]
            left = self.sampler.size - place.batch * size
            yield [replace(next(keys), pass_number=place.pass_number) for _ in range(min(size, left))]

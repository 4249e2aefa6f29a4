"""The training loop of `PassBatchSampler`."""

from collections.abc import Iterator
from typing import Any

from mmengine.runner import IterBasedTrainLoop, Runner
from mmseg.registry import LOOPS
from torch.utils.data import DataLoader

from segrepro.errors import SegReproError

from .pass_batch_sampler import PassBatchSampler


@LOOPS.register_module()
class PassTrainLoop(IterBasedTrainLoop):
    """MMEngine's loop by iterations, which resumes where the batches have different sizes.

    MMEngine's own finds the place of a resumed training by the one size of all batches, or else loads again whatever
    was trained on. This one asks the batch sampler.

    Args:
        runner: the runner.
        dataloader: config of the data loader, or the data loader; its batch sampler is a `PassBatchSampler`.
        kwargs: the arguments of `IterBasedTrainLoop`.

    Raises:
        SegReproError: the data loader has another batch sampler.
    """

    def __init__(self, runner: Runner, dataloader: DataLoader[Any] | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(runner, dataloader, **kwargs)
        found = self.dataloader.batch_sampler
        if not isinstance(found, PassBatchSampler):
            raise SegReproError(
                f"train_dataloader.batch_sampler: found {type(found).__name__}; expected PassBatchSampler, as train_cfg"
                " names PassTrainLoop. Name both in the config, or IterBasedTrainLoop"
            )
        self.dataloader_iterator = _Batches(self.dataloader, found)


class _Batches:
    """The batches of a data loader, whose workers start when the first one is asked for."""

    def __init__(self, dataloader: DataLoader[Any], batch_sampler: PassBatchSampler) -> None:
        self.dataloader, self.batch_sampler = dataloader, batch_sampler
        self.iterator: Iterator[Any] | None = None

    def skip_iter(self, num_iters: int) -> None:
        """What the loop calls once, before the first batch."""
        self.batch_sampler.skip(num_iters)

    def __next__(self) -> Any:
        if self.iterator is None:
            self.iterator = iter(self.dataloader)
        return next(self.iterator)

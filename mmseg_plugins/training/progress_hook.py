"""The progress bar of a training."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from tqdm import tqdm

from .pass_batch_sampler import PassBatchSampler


class ProgressHook(Hook):
    """Shows iteration, time left, loss and learning rate on stderr, also if stderr is a pipe.

    Where an epoch has several passes, the bar also says in which one the training is; and it names validations.
    """

    priority = "ABOVE_NORMAL"  # a resumed training may begin with the validation that another hook makes up for

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None

    def before_train(self, runner: Runner) -> None:
        """Opens the bar at the iteration where this process starts or resumes."""
        self.bar = tqdm(
            total=runner.max_iters,
            initial=runner.iter,
            desc=_where(runner, runner.iter),
            unit="it",
            mininterval=1,
            smoothing=0,  # by the average of all iterations: those of one pass may take several times those of another
            dynamic_ncols=True,
        )

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """Advances the bar by one iteration."""
        scalars = runner.message_hub.log_scalars
        loss, learning_rate = (scalars[f"train/{name}"].current() for name in ("loss", "lr"))
        if self.bar is not None:
            self.bar.set_description_str(_where(runner, runner.iter), refresh=False)
            self.bar.set_postfix_str(f"loss={loss:.4f}, lr={learning_rate:.3g}", refresh=False)
            self.bar.update()

    def before_val_epoch(self, runner: Runner) -> None:
        """Says that the training waits for a validation."""
        self._describe("validation")

    def after_val_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """Says how far the validation is, ten times in all."""
        batches = len(runner.val_dataloader)
        if (batch_idx + 1) * 10 % batches < 10:
            self._describe(f"validation {batch_idx + 1}/{batches}")

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Goes on."""
        self._describe(_where(runner, runner.iter))

    def _describe(self, text: str) -> None:
        if self.bar is not None:
            self.bar.set_description(text)

    def close(self) -> None:
        """Closes the bar; must also be called when the training failed."""
        if self.bar is not None:
            self.bar.close()


def _where(runner: Runner, iteration: int) -> str:
    """What stands before the bar at an iteration, counted from 0; after the last one it is that of the last."""
    batches = runner.train_dataloader.batch_sampler
    if not isinstance(batches, PassBatchSampler):
        return "training"
    epoch, number, _ = batches.place(min(iteration, runner.max_iters - 1))
    return f"training, epoch {epoch + 1}, pass {number + 1} of {len(batches.batches)}"

"""The progress bar of a training."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from tqdm import tqdm


class ProgressHook(Hook):
    """Shows iteration, time left, loss and learning rate on stderr, also if stderr is a pipe."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None

    def before_train(self, runner: Runner) -> None:
        """Opens the bar at the iteration where this process starts or resumes."""
        self.bar = tqdm(
            total=runner.max_iters, initial=runner.iter, desc="training", unit="it", mininterval=1, dynamic_ncols=True
        )

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """Advances the bar by one iteration."""
        scalars = runner.message_hub.log_scalars
        loss, learning_rate = (scalars[f"train/{name}"].current() for name in ("loss", "lr"))
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss={loss:.4f}, lr={learning_rate:.3g}", refresh=False)
            self.bar.update()

    def close(self) -> None:
        """Closes the bar; must also be called when the training failed."""
        if self.bar is not None:
            self.bar.close()

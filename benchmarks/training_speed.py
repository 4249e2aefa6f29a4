"""What a training step costs: the suite's training beside MMSegmentation's own on the same config, data and losses."""

import gc
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from typer import Option

from benchmarks.timing import Times, milliseconds, ratio, table, write_json
from mmseg_plugins.runtime.device import choose_device, repeat_exactly
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.training.compile_hook import CompileHook
from mmseg_plugins.training.progress_hook import ProgressHook
from mmseg_plugins.training.quiet_runner import QuietRunner
from workflow.command_line import run

SUITE, STOCK = "suite", "MMSegmentation's training"
STOCK_CHANNELS_LAST, BARE = "MMSegmentation's training, channels-last", "suite, without its bookkeeping"
COMPILED = "suite, compiled"
GOAL = 1.3
"""What the ratio of the stock training's time to the suite's should be at least."""
LOSSES_AGREE = 1e-6
"""Largest relative difference of two losses where the order of the arithmetic is the same."""
WARM_UP = 5
"""Steps before the clock starts: the loader's workers begin, memory is taken, and passes are compiled."""


class StepTimes(Hook):
    """Seconds of each step, reading included, and the losses."""

    priority = "LOWEST"

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.ends: list[float] = []
        self.losses: list[float] = []

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """Reads the clock when the device has finished."""
        assert outputs is not None
        self.losses.append(outputs["loss"].item())
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        self.ends.append(time.perf_counter())


def train(settings: Config, way: str, steps: int, folder: Path, device: torch.device) -> StepTimes:
    """Trains for some steps in one of the ways, from the recipe's beginning.

    Args:
        settings: the recipe; left as it is. It must start from no earlier stage.
        way: one of the module's names.
        steps: how many, after `WARM_UP` others.
        folder: for logs; nothing else is written.
        device: where to train.
    """
    settings = settings.copy()
    settings.work_dir, settings.log_level, settings.visualizer = str(folder), "ERROR", None
    settings.randomness = {"seed": 0}
    settings.train_cfg.max_iters = WARM_UP + steps
    settings.default_hooks.checkpoint = None
    for loop in ("val", "test"):
        settings.update({f"{loop}_{part}": None for part in ("cfg", "dataloader", "evaluator")})
    whole_suite = way in (SUITE, COMPILED)
    if not whole_suite:
        kept = ["ChannelsLastHook"] if way in (STOCK_CHANNELS_LAST, BARE) else []
        settings.custom_hooks = [hook for hook in settings.custom_hooks if hook["type"] in kept]
    else:
        repeat_exactly(device)
    runner_type = Runner if way in (STOCK, STOCK_CHANNELS_LAST) else QuietRunner
    runner = runner_type.from_cfg(settings)
    timed, progress = StepTimes(device), ProgressHook() if whole_suite else None
    for hook in filter(None, (progress, CompileHook() if way == COMPILED else None, timed)):
        runner.register_hook(hook)
    runner.train()
    if progress is not None:
        progress.close()
    torch.use_deterministic_algorithms(False)
    return timed


def main(
    config: Annotated[Path, Option(help="MMSegmentation config that starts from no earlier stage")] = Path(
        "mmseg_plugins/configs/camvid/espnetc_p2q8.py"
    ),
    out: Annotated[Path, Option(help="JSON file to write")] = Path("results/benchmarks/training_speed.json"),
    steps: Annotated[int, Option(min=1, help="of each way in each round")] = 50,
    rounds: Annotated[int, Option(min=1, help="how many times each way is timed")] = 3,
    device: Annotated[str, Option(help="cpu or cuda")] = "cpu",
) -> None:
    """Times whole training steps, taken in turns. The dataset must be prepared."""
    place = choose_device(device)
    settings = Config.fromfile(config)
    ways = (COMPILED, SUITE, BARE, STOCK_CHANNELS_LAST, STOCK)
    times: Times = {way: [] for way in ways}
    losses: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, quiet_libraries():
        for number in range(rounds):
            for way in ways:
                timed = train(settings, way, steps, Path(folder, f"{number}-{ways.index(way)}"), place)
                losses[way] = timed.losses
                # The median: the last batch of a pass may be smaller, and is then compiled for itself.
                times[way].append(float(np.median(np.diff(timed.ends[WARM_UP - 1 :]))))
                gc.collect()  # a runner's loader keeps its workers until it is gone
    # In the same layout the same arithmetic is done in the same order.
    for same in (BARE, STOCK_CHANNELS_LAST):
        np.testing.assert_allclose(losses[same], losses[SUITE], rtol=LOSSES_AGREE)
    apart = {
        way: float(np.max(np.abs(np.array(losses[way]) / np.array(losses[SUITE]) - 1))) for way in (STOCK, COMPILED)
    }
    ratios = {
        f"{STOCK} / {COMPILED} (at least {GOAL:g})": ratio(times, STOCK, COMPILED),
        f"{STOCK} / {SUITE}": ratio(times, STOCK, SUITE),
        "what compilation brings": ratio(times, SUITE, COMPILED),
        "of which memory layout": ratio(times, STOCK, STOCK_CHANNELS_LAST),
        "of which the rest of MMSegmentation's training": ratio(times, STOCK_CHANNELS_LAST, BARE),
        "what the suite's bookkeeping costs": ratio(times, SUITE, BARE),
    }
    batch = settings.train_dataloader.batch_size
    print(f"{config.stem}, batch {batch}, {steps} steps, {rounds} rounds in turns, {place.type},", end=" ")
    print(f"{torch.get_num_threads()} threads; losses equal to {LOSSES_AGREE:g} in the same layout,", end=" ")
    print(f"at most {apart[STOCK]:.1e} apart in the other, {apart[COMPILED]:.1e} when compiled\n")
    print(table(milliseconds(times), "milliseconds a step"), table(ratios, "ratio within a round"), sep="\n\n")
    write_json(
        out,
        {
            "config": str(config.name), "batch": batch, "steps": steps, "rounds": rounds,
            "ms": milliseconds(times), "largest_relative_difference_in_losses": apart, "ratios": ratios,
        },
        device=place,
    )  # fmt: skip


if __name__ == "__main__":
    run(main)

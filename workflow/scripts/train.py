"""Trains a network from its config; run again after any interruption, it goes on exactly where it was."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import torch
from mmengine.config import Config
from mmengine.dist import broadcast_object_list, get_world_size, is_main_process
from typer import Option

from data_manifests import evidence_file, loader
from data_manifests.schemas.evidence import Run, Selection, Training
from mmseg_plugins.runtime.computing_code import TRAINING, code_sha256, config_files_sha256
from mmseg_plugins.runtime.device import choose_device, repeat_exactly
from mmseg_plugins.runtime.processes import held_by_first, joined_processes
from mmseg_plugins.runtime.provenance import begin_provenance, config_sha256
from mmseg_plugins.runtime.quiet_libraries import quiet_libraries
from mmseg_plugins.runtime.read_config import read_config
from segrepro.atomic import atomic_file
from segrepro.errors import SegReproError
from segrepro.hashes import hash_of_file
from segrepro.machine import network_runs
from segrepro.system_errors import naming
from workflow import options
from workflow.command_line import run
from workflow.verified_data import verified_data

with quiet_libraries():
    from mmseg_plugins.networks.checkpoint_file import read_state_dict
    from mmseg_plugins.networks.dataset_meta import dataset_meta
    from mmseg_plugins.training.best_on_val_hook import BestOnValHook
    from mmseg_plugins.training.checkpoints import checkpoints, newest_whole_checkpoint
    from mmseg_plugins.training.compile_hook import CompileHook, failures_said, require_compiler
    from mmseg_plugins.training.final_weights import final_weights, hook_of, network_of
    from mmseg_plugins.training.finished import differences, keep_beside, place_beside, read_finished
    from mmseg_plugins.training.progress_hook import ProgressHook
    from mmseg_plugins.training.quiet_runner import QuietRunner
    from mmseg_plugins.training.run_digest import run_digest
    from mmseg_plugins.training.run_lock import run_lock
    from mmseg_plugins.training.weights import save_weights
    from mmseg_plugins.training.whole_batch import share_batch

VALIDATION, TEST = ([f"{loop}_{part}" for part in ("cfg", "dataloader", "evaluator")] for loop in ("val", "test"))


def main(
    config: options.Config,
    dataset: options.Dataset,
    verified: Annotated[Path, Option(help="what verify.py wrote on the dataset; other data is another training")],
    model: options.Model,
    work_dir: Annotated[
        Path,
        options.folder_to_write("folder for logs and checkpoints; the last one stays, to write results again"),
    ],
    out: Annotated[Path, options.file_to_write("weights.pth to write")],
    evidence: Annotated[Path, options.file_to_write("training.json to write")],
    seed: options.Seed = 0,
    load_from: Annotated[
        Path | None, Option(help="weights of the earlier stage, where not those that the config's load_from names")
    ] = None,
    device: options.Device = None,
    compiled: Annotated[
        bool, Option("--compile", help="compile the network's passes: minutes at the start, then faster steps")
    ] = False,
) -> None:
    """Trains a network from its config; run again after any interruption, it goes on exactly where it was."""
    chosen = choose_device(device)
    settings = read_config(config)
    data_sha256 = _check_data(settings, dataset, verified)
    pretrained = _earlier_stage(settings, load_from)
    pretrained_hash = None if pretrained is None else hash_of_file(pretrained)
    described = Run(model=model, dataset=dataset, route="retrained", seed=seed)
    if (finished := read_finished(out, evidence)) is not None:
        code = code_sha256([config], TRAINING)
        differing = differences(finished, described, config_sha256(settings), code, data_sha256, pretrained_hash)
        if not differing:
            _tell(f"{out}: finished before with the same config, code and data; it stays as it is")
            _confirm(finished, evidence, config)
            return
        _tell(
            f"{out}: trained with another {' and another '.join(differing)}; training anew. It stays until the new"
            f" weights are finished, and then in {place_beside(out)}"
        )
    if compiled:
        require_compiler(chosen)
    provenance = begin_provenance(settings, chosen, dataset=dataset, part=TRAINING, data_sha256=data_sha256)
    folder = work_dir / run_digest(settings, seed, data_sha256, pretrained_hash, chosen, compiled)
    if load_from is not None:
        settings.load_from = str(load_from)
    with (
        joined_processes(chosen),
        held_by_first(run_lock(work_dir)),
        held_by_first(network_runs()),
        quiet_libraries(),
        naming(work_dir),
    ):
        runner = _train(settings, seed, folder, provenance.started, chosen, compiled)
        if not is_main_process():
            return
        best = hook_of(runner, BestOnValHook)
        label_set = loader.label_set_of(dataset)
        with atomic_file(out) as new:
            save_weights(final_weights(runner), new, dataset_meta(network_of(runner), label_set))
            weights_hash = hash_of_file(new)
            if out.is_file() and hash_of_file(out) != weights_hash:
                keep_beside(out, evidence)
        history = runner.message_hub.log_scalars
        # When the run began, and the time in iterations and validations, whichever process did them: interruptions are
        # no work.
        whole_run = {
            "started": datetime.fromisoformat(runner.message_hub.get_info("started")),
            "duration_s": sum(history[name].data[0].sum() for name in ("train/time", "val/time") if name in history),
        }
        training = Training(
            run=described,
            provenance=provenance.model_copy(update=whole_run),
            processes=get_world_size(),
            compiled=compiled,
            iterations=runner.iter,
            pretrained_sha256=pretrained_hash,
            loss=history["train/loss"].data[0],
            learning_rate=history["train/lr"].data[0],
            selection=None if best is None else _selection(best),
            weights_sha256=weights_hash,
        )
        evidence_file.write(evidence, training)
        # The last one stays: Snakemake deletes outputs before a job that only has to write them once more.
        for older in checkpoints(folder)[:-1]:
            older.unlink()


def _check_data(settings: Config, dataset: str, verified: Path) -> str:
    """The sha256 of all that a training can see of the dataset, which must have been prepared and verified."""
    described = settings.train_dataloader.dataset.dataset
    root = Path(described.data_root)
    if not root.is_dir():
        raise SegReproError(
            f"{settings.filename}: train_dataloader.dataset.dataset.data_root: found {root}, which is no folder;"
            f" expected the prepared dataset. Next: snakemake --cores all data/verified/{dataset}.json"
        )
    named = [*described.get("data_prefix", {}).values(), described.get("ann_file")]
    if missing := [str(root / name) for name in named if name and not (root / name).exists()]:
        raise SegReproError(
            f"{settings.filename}: train_dataloader.dataset.dataset: found no {' and no '.join(missing)}; expected the"
            f" split that it trains on, which a dataset placed by hand may lack. Next: see what"
            f" snakemake --cores all --force data/verified/{dataset}.json says of it"
        )
    return verified_data(verified)


def _confirm(finished: Training, evidence: Path, config: Path) -> None:
    """Notes that the files of the config say the same as before, though in other words.

    Older evidence says nothing of code and data, and nothing is added to it that nobody knows.
    """
    made = finished.provenance
    now = config_files_sha256([config])
    if made.code_sha256 is not None and made.config_files_sha256 != now:
        confirmed = finished.model_copy(update={"provenance": made.model_copy(update={"config_files_sha256": now})})
        evidence_file.write(evidence, confirmed)


def _earlier_stage(settings: Config, load_from: Path | None) -> Path | None:
    """The weights to start from, which must lie there and be data alone; None where there are none."""
    named = load_from or settings.load_from
    if named is None:
        return None
    path = Path(named)
    if not path.is_file():
        raise SegReproError(
            f"{settings.filename}: load_from: found no file {path}; expected the weights of the earlier stage."
            f" Next: snakemake --cores all {path}"
        )
    # MMEngine reads the file again, but falls back to running code in it.
    read_state_dict(path)
    return path


def _train(
    settings: Config, seed: int, folder: Path, started: datetime, device: torch.device, compiled: bool
) -> QuietRunner:
    """Trains to the end, from the newest checkpoint in `folder` or from the beginning."""
    settings.work_dir, settings.randomness = str(folder), {"seed": seed}
    # For `tensorboard --logdir results`. It looks on, so the run's digest, which is of the config, knows nothing of it.
    settings.visualizer.vis_backends.append({"type": "TensorboardVisBackend"})
    # The suite evaluates the finished weights in a rule of its own. Only a recipe that hands on the weights that are
    # best on the validation split validates while it trains.
    selects = any(hook["type"] == BestOnValHook.__name__ for hook in settings.get("custom_hooks", []))
    settings.update(dict.fromkeys(TEST if selects else TEST + VALIDATION))
    share_batch(settings, device)
    # The first process decides for all where to go on.
    found = [newest_whole_checkpoint(folder, _tell) if is_main_process() else None]
    broadcast_object_list(found)
    (checkpoint,) = found
    if checkpoint:
        _tell(f"resuming from {checkpoint}")
        settings.resume, settings.load_from = True, str(checkpoint)
        # What a backbone starts from is not needed again, and may have to be fetched.
        settings.model.backbone.pop("init_cfg", None)
    elif others := [str(other) for other in folder.parent.glob("*") if checkpoints(other)]:
        _tell(
            f"{', '.join(others)}: checkpoints of another config, code, seed, dataset, earlier stage, PyTorch,"
            " device or number of threads, or compiled in the one case alone; starting anew; they stay until you remove"
            " them"
        )
    repeat_exactly(device)
    runner: QuietRunner = QuietRunner.from_cfg(settings)
    # Kept in the checkpoints, so that a resumed run still knows when it began.
    runner.message_hub.update_info("started", started.isoformat())
    if compiled:
        runner.register_hook(CompileHook())
    progress = ProgressHook()
    if is_main_process():
        runner.register_hook(progress)
    try:
        with failures_said():
            runner.train()
    finally:
        progress.close()
    return runner


def _selection(best: BestOnValHook) -> Selection:
    return Selection(
        metrics=best.metrics,
        iterations=best.iterations,
        scores=best.scores,
        chosen=best.best,
        epoch=best.iterations.index(best.best) + 1,
    )


def _tell(message: str) -> None:
    if is_main_process():
        print(message, file=sys.stderr)


if __name__ == "__main__":
    run(main)
